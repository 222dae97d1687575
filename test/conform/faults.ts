/**
 * Faults put into a real trace, one at a time, where a seed says: what share
 * of each kind does the checker notice? The trace is held as records in their
 * merged order, so that a fault is one change of that list.
 */
import * as E from 'fp-ts/lib/Either.js';
import { TraceChecker } from '../../src/conform/checker.ts';
import { readTraceBytes } from '../../src/xen/trace/read.ts';
import { type TraceRecord, wordsOf } from '../../src/xen/trace/record.ts';

/** A record that stays, unlike the reader's cursor. */
export class StillRecord implements TraceRecord {
  readonly stamped = true;
  readonly event: number;
  readonly cpu: number;
  readonly tscHi: number;
  readonly tscLo: number;
  readonly offset: number;
  readonly all: readonly number[];
  readonly ownHi: number;
  readonly ownLo: number;
  constructor(
    from: Pick<TraceRecord, 'event' | 'cpu' | 'tscHi' | 'tscLo' | 'offset'>,
    all: readonly number[],
    own?: readonly [number, number],
  ) {
    this.event = from.event;
    this.cpu = from.cpu;
    this.tscHi = from.tscHi;
    this.tscLo = from.tscLo;
    this.offset = from.offset;
    this.all = all;
    [this.ownHi, this.ownLo] = own ?? [from.tscHi, from.tscLo];
  }
  get words(): number {
    return this.all.length;
  }
  word(index: number): number {
    return this.all[index] ?? 0;
  }
  ownTscHi(): number {
    return this.ownHi;
  }
  ownTscLo(): number {
    return this.ownLo;
  }
}

/** A trace in memory: its records in order, and where its tail begins. */
export interface StillTrace {
  readonly records: readonly StillRecord[];
  readonly tail: number;
}

export const stillTrace = (bytes: Uint8Array): StillTrace => {
  const records: StillRecord[] = [];
  let tail = 0;
  const read = readTraceBytes(
    bytes,
    (r) => {
      records.push(new StillRecord(r, wordsOf(r), [r.ownTscHi(), r.ownTscLo()]));
      return undefined;
    },
    {
      onTail: () => {
        tail = records.length;
      },
    },
  );
  if (E.isLeft(read)) throw new Error(`unexpected: ${read.left.code}`);
  return { records, tail };
};

/** The first divergence of the changed trace, as the index of its record; -1: none. */
export const noticed = (
  trace: StillTrace,
  change: (at: number) => readonly StillRecord[] | undefined,
): boolean => {
  const checker = new TraceChecker();
  for (let at = 0; at < trace.tail; at++) {
    const changed = change(at);
    if (changed === undefined) {
      if (checker.visit(trace.records[at]!) === 'stop') return true;
      continue;
    }
    for (const r of changed) if (checker.visit(r) === 'stop') return true;
  }
  return false;
};
