/**
 * Faults put into real traces, one at a time, where a seed says: what share
 * of each kind does the checker notice? A trace is held as records in their
 * merged order, so that a fault is a change of that list at one place.
 */
import * as E from 'fp-ts/lib/Either.js';
import { TraceChecker } from '../../src/conform/checker.ts';
import { hypercallOp } from '../../src/xen/trace/events/hypercall.ts';
import { isRunstateChange } from '../../src/xen/trace/events/runstate.ts';
import { readTraceBytes } from '../../src/xen/trace/read.ts';
import { type TraceRecord, wordsOf } from '../../src/xen/trace/record.ts';

/** Where and when a record stands, apart from what it says. */
type Place = Pick<TraceRecord, 'cpu' | 'tscHi' | 'tscLo' | 'offset' | 'stamped'>;

/** A record that stays, unlike the reader's cursor. */
class StillRecord implements TraceRecord {
  readonly event: number;
  readonly cpu: number;
  readonly tscHi: number;
  readonly tscLo: number;
  readonly stamped: boolean;
  readonly offset: number;
  readonly values: readonly number[];

  constructor(event: number, values: readonly number[], place: Place) {
    this.event = event;
    this.values = values;
    this.cpu = place.cpu;
    this.tscHi = place.tscHi;
    this.tscLo = place.tscLo;
    this.stamped = place.stamped;
    this.offset = place.offset;
  }

  get words(): number {
    return this.values.length;
  }

  word(index: number): number {
    return this.values[index] ?? 0;
  }

  ownTscHi(): number {
    return this.tscHi;
  }

  ownTscLo(): number {
    return this.tscLo;
  }
}

/** A trace in memory: its records in order, without the tail. */
export const stillTrace = (bytes: Uint8Array): readonly StillRecord[] => {
  const records: StillRecord[] = [];
  let tail = 0;
  const read = readTraceBytes(
    bytes,
    (r) => {
      records.push(new StillRecord(r.event, wordsOf(r), r));
      return undefined;
    },
    {
      onTail: () => {
        tail = records.length;
      },
    },
  );
  if (E.isLeft(read)) throw new Error(`unexpected: ${read.left.code}`);
  return records.slice(0, tail);
};

const isEvent =
  (event: number) =>
  (r: TraceRecord): boolean =>
    r.event === event;

/** The records that mean something to a machine, by kind; idle vCPUs aside. */
export const KINDS: Readonly<Record<string, (r: TraceRecord) => boolean>> = {
  'runstate change': (r) => isRunstateChange(r.event) && r.word(0) >>> 16 !== 0x7fff,
  SLEEP: isEvent(0x28003),
  WAKE: isEvent(0x28004),
  BLOCK: isEvent(0x28006),
  SHUTDOWN: isEvent(0x28007),
  DOM0_DOM_ADD: isEvent(0x41001),
  SCHED_DOM_ADD: isEvent(0x28001),
  DOM0_DOM_REM: isEvent(0x41002),
  SCHED_DOM_REM: isEvent(0x28002),
  'grant map': isEvent(0x10f001),
  'grant unmap': isEvent(0x10f002),
  'domctl entry': (r) => r.event === 0x20100d && hypercallOp(r) === 36,
};

export const FAULTS = ['dropped', 'doubled', 'repeated', 'reordered', 'other domain'] as const;
export type Fault = (typeof FAULTS)[number];

/** What stands at each changed place of the list instead of the record. */
type Change = ReadonlyMap<number, readonly StillRecord[]>;

const domainOf = (r: TraceRecord): number =>
  isRunstateChange(r.event) ? r.word(0) >>> 16 : r.word(0);

const ofDomain = (r: StillRecord, domain: number): StillRecord =>
  new StillRecord(
    r.event,
    isRunstateChange(r.event)
      ? [domain * 65536 + (r.word(0) & 0xffff)]
      : [domain, ...r.values.slice(1)],
    r,
  );

/** TSC cycles, less than between any two records of the real traces. */
const LATER = 200;

const later = (r: StillRecord): StillRecord =>
  new StillRecord(r.event, r.values, {
    cpu: r.cpu,
    tscHi: r.tscHi,
    tscLo: r.tscLo + LATER,
    stamped: r.stamped,
    offset: r.offset,
  });

/** Numbers below `n`, the same for the same seed. */
export const dice = (seed: number): ((n: number) => number) => {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
};

/** A trace with the places that faults can be put at. */
class Target {
  readonly records: readonly StillRecord[];
  /** Places of all records that mean something, ascending. */
  readonly places: readonly number[];
  /** Domains named, and one that is not there. */
  readonly domains: readonly number[];

  constructor(records: readonly StillRecord[]) {
    this.records = records;
    const tests = Object.values(KINDS);
    this.places = records.flatMap((r, at) => (tests.some((is) => is(r)) ? [at] : []));
    const named = new Set(
      this.places.flatMap((at) => {
        const r = records[at] as StillRecord;
        return r.event === 0x20100d ? [] : [domainOf(r)];
      }),
    );
    this.domains = [...named, Math.max(...named) + 1];
  }

  /** The fault at this place; null where it would change nothing. */
  change(fault: Fault, at: number, roll: (n: number) => number): Change | null {
    const r = this.records[at] as StillRecord;
    switch (fault) {
      case 'dropped':
        return new Map([[at, []]]);
      case 'doubled':
        return new Map([[at, [r, r]]]);
      case 'repeated':
        return new Map([[at, [r, later(r)]]]);
      case 'reordered':
        return this.#swapped(r, at);
      case 'other domain': {
        if (r.event === 0x20100d) return null;
        const others = this.domains.filter((d) => d !== domainOf(r));
        const other = others[roll(others.length)];
        return other === undefined ? null : new Map([[at, [ofDomain(r, other)]]]);
      }
    }
  }

  /** It changes places, and so time and CPU, with the next record that means something. */
  #swapped(r: StillRecord, at: number): Change | null {
    const next = this.places.find((p) => p > at);
    const other = next === undefined ? undefined : this.records[next];
    if (next === undefined || other === undefined) return null;
    if (other.event === r.event && other.word(0) === r.word(0)) return null;
    return new Map([
      [at, [new StillRecord(other.event, other.values, r)]],
      [next, [new StillRecord(r.event, r.values, other)]],
    ]);
  }

  noticed(change: Change): boolean {
    const checker = new TraceChecker();
    for (let at = 0; at < this.records.length; at++) {
      const changed = change.get(at);
      if (changed === undefined) {
        if (checker.visit(this.records[at] as StillRecord) === 'stop') return true;
      } else if (changed.some((r) => checker.visit(r) === 'stop')) return true;
    }
    return false;
  }
}

export interface Share {
  injected: number;
  noticed: number;
}
/** By kind of record, then by fault. */
export type Shares = Readonly<Record<string, Readonly<Record<Fault, Share>>>>;

const none = (): Record<Fault, Share> => ({
  dropped: { injected: 0, noticed: 0 },
  doubled: { injected: 0, noticed: 0 },
  repeated: { injected: 0, noticed: 0 },
  reordered: { injected: 0, noticed: 0 },
  'other domain': { injected: 0, noticed: 0 },
});

/** `each` faults of each sort at places of each kind in each trace. */
export const faultShares = (
  traces: readonly (readonly StillRecord[])[],
  each: number,
  seed: number,
): Shares => {
  const shares = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, none()]));
  const roll = dice(seed);
  for (const records of traces) {
    const target = new Target(records);
    for (const [kind, is] of Object.entries(KINDS)) {
      const places = target.places.filter((at) => is(records[at] as StillRecord));
      for (const at of chosen(places, each, roll)) inject(target, at, roll, shares[kind] ?? none());
    }
  }
  return shares;
};

/** All of few, else as many as asked for, at random. */
const chosen = (places: readonly number[], each: number, roll: (n: number) => number) =>
  places.length <= each
    ? places
    : Array.from({ length: each }, () => places[roll(places.length)] as number);

const inject = (
  target: Target,
  at: number,
  roll: (n: number) => number,
  shares: Record<Fault, Share>,
): void => {
  for (const fault of FAULTS) {
    const change = target.change(fault, at, roll);
    if (change === null) continue;
    shares[fault].injected += 1;
    if (target.noticed(change)) shares[fault].noticed += 1;
  }
};

/** The table as it stands in docs/xentrace.md. */
export const sharesTable = (shares: Shares): string =>
  [
    `| record | ${FAULTS.join(' | ')} |`,
    `|---|${FAULTS.map(() => '---').join('|')}|`,
    ...Object.entries(shares).map(([kind, of]) => {
      const cells = FAULTS.map((fault) => {
        const { injected, noticed } = of[fault];
        return injected === 0 ? '-' : `${noticed} of ${injected}`;
      });
      return `| ${kind} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
