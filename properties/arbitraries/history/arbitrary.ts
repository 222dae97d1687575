/** Random histories: a random host, and what guests, dom0 and Xen do to it afterwards. */
import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { defaultDesign } from '../../../src/design/design.ts';
import type { Host } from '../../../src/host/host.ts';
import { apply } from '../../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../../src/hypercalls/events.ts';
import { hostArbitrary, type RandomHost } from '../host/arbitrary.ts';
import type { HostOptions } from '../host/random-plan.ts';
import { eventOf, type Raw } from './event-of.ts';

export interface HistoryOptions extends HostOptions {
  /** Events after the start; default 60. */
  readonly maxEvents?: number;
}

/** Six numbers that become an event of whatever host they meet. */
export const rawEvent: fc.Arbitrary<Raw> = fc.noBias(
  fc.tuple(fc.nat(99_999), fc.nat(9_999), fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999)),
);

/** What happened, in its order, and the host that it led to. */
export interface Played {
  readonly events: readonly HostEvent[];
  readonly host: Host;
}

/** An event in one line of at most 75 columns. */
export const eventText = ({ type, ...where }: HostEvent): string => {
  const line = [type, ...Object.entries(where).map(([k, v]) => `${k}=${JSON.stringify(v)}`)].join(
    ' ',
  );
  return line.length > 75 ? `${line.slice(0, 72)}...` : line;
};

/** A host and the numbers of the events after it; played when first asked for. */
export class RandomHistory {
  readonly start: RandomHost;
  readonly raws: readonly Raw[];
  #played: Played | null = null;

  constructor(start: RandomHost, raws: readonly Raw[]) {
    this.start = start;
    this.raws = raws;
  }

  /** The events that Xen carried out; the ones that it refused changed nothing. */
  play(): Played {
    if (this.#played !== null) return this.#played;
    const ctx = { version: this.start.plan.version, design: defaultDesign };
    const events: HostEvent[] = [];
    let { host } = this.start;
    for (const raw of this.raws) {
      const event = eventOf(host, raw);
      const next = apply(host, event, ctx);
      if (isLeft(next)) continue;
      events.push(event);
      host = next.right;
    }
    this.#played = { events, host };
    return this.#played;
  }

  /** The host, then each event that happened: a line each, at most 75 columns. */
  describe(): readonly string[] {
    return [...this.start.describe(), ...this.play().events.map(eventText)];
  }

  [fc.toStringMethod](): string {
    return `\n  ${this.describe().join('\n  ')}\n`;
  }
}

/** Hosts with a history. Shrinks by events first, then as hosts do. */
export const historyArbitrary = (options: HistoryOptions = {}): fc.Arbitrary<RandomHistory> =>
  fc
    .tuple(
      fc.array(rawEvent, { maxLength: options.maxEvents ?? 60, size: 'max' }),
      hostArbitrary(options),
    )
    .map(
      ([raws, start]) => new RandomHistory(start, raws),
      (value) => {
        if (!(value instanceof RandomHistory)) throw new Error('no history');
        return [[...value.raws], value.start];
      },
    );
