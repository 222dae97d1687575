/** One event as a command for fast-check: data only, tried on whatever host it meets. */
import type fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { defaultDesign } from '../../../src/design/design.ts';
import type { XenVersion } from '../../../src/design/versions.ts';
import type { Host } from '../../../src/host/host.ts';
import type { apply } from '../../../src/hypercalls/apply.ts';
import type { HostEvent } from '../../../src/hypercalls/events.ts';
import type { StepError } from '../../../src/hypercalls/step.ts';
import { eventText } from '../history/arbitrary.ts';
import { eventOf, eventTypes } from '../history/event-of.ts';
import { catchUp, disagreements } from './compare.ts';
import { type Model, observe } from './model.ts';
import type { Rule, Says } from './rule.ts';
import { rules } from './rules/index.ts';

/** The host that commands are run on, and what became of them. */
export interface Real {
  host: Host;
  readonly version: XenVersion;
  /** `apply` of src/hypercalls, or one with a bug in it. */
  readonly apply: typeof apply;
  /** What the host now breaks, asked after each event that happened; default: nobody asks. */
  readonly judge: (host: Host) => readonly Broken[];
  readonly told: Told[];
}

/** An invariant that does not hold, and where. */
export interface Broken {
  readonly invariant: string;
  readonly what: string;
}

/** An event, what its caller is told - 'happens' or why not -, and whether the model foresaw that. */
export interface Told {
  readonly event: HostEvent;
  readonly told: string;
  readonly foreseen: boolean;
}

/** The host did something else than the model said, or than an invariant allows. */
export class Disagreement extends Error {
  readonly what: readonly string[];
  /** MODEL: it is the model that disagrees. */
  readonly invariants: readonly string[];

  constructor(what: readonly string[], invariants: readonly string[] = ['MODEL']) {
    super(what.join('; '));
    this.name = 'Disagreement';
    this.what = what;
    this.invariants = invariants;
  }
}

const toldBy = (error: StepError): string =>
  error === 'not enabled' ? error : `${error.errno}, ${error.what}`;

/** Does what the host did fit what the model says? A crash of Xen never does. */
const fits = (says: Says, told: string): boolean => {
  if (told.startsWith('BUG')) return false;
  if (says === 'open') return !told.startsWith('HOST_DOWN');
  if (says === 'no') return told !== 'happens';
  return told === says || told.startsWith(`${says},`);
};

/** Four numbers choose the places, the first one the caller. */
type Numbers = readonly [number, number, number, number, number];

export class HostCommand implements fc.Command<Model, Real> {
  readonly type: HostEvent['type'];
  readonly numbers: Numbers;
  #line: string;

  constructor(type: HostEvent['type'], numbers: Numbers) {
    this.type = type;
    this.numbers = numbers;
    this.#line = `${type} of ${numbers.join(' ')}`;
  }

  check(m: Readonly<Model>): boolean {
    return rules[this.type].could?.(m as Model) ?? true;
  }

  /** @throws Disagreement when model and host disagree afterwards, or the host breaks an invariant. */
  run(m: Model, real: Real): void {
    const event = eventOf(real.host, [eventTypes.indexOf(this.type), ...this.numbers]);
    this.#line = eventText(event);
    const rule = rules[this.type] as Rule<HostEvent>;
    const says = rule.says(m, event);
    const next = real.apply(real.host, event, { version: real.version, design: defaultDesign });
    const told = isLeft(next) ? toldBy(next.left) : 'happens';
    real.told.push({ event, told, foreseen: says !== 'open' });
    if (!fits(says, told))
      throw new Disagreement([this.#line, `the model says: ${says}`, `the host says: ${told}`]);
    if (isLeft(next)) return;
    real.host = next.right;
    const after = observe(real.host);
    rule.moves?.(m, event, after);
    catchUp(m, after);
    const different = disagreements(m, after);
    if (different.length > 0) throw new Disagreement([this.#line, ...different]);
    const broken = real.judge(real.host);
    if (broken.length > 0)
      throw new Disagreement(
        [this.#line, ...broken.map((b) => `${b.invariant} ${b.what}`)],
        [...new Set(broken.map((b) => b.invariant))],
      );
  }

  /** The event that it became; before it was run, the numbers that it is made of. */
  toString(): string {
    return this.#line;
  }
}
