/** Numbers of states as ranges, and how several take slices of the same. */
import { AT } from './ledger.ts';

/** States taken at a time, at least and at most; otherwise a level is so many slices. */
const LEAST = 128;
const MOST = 1024;
const SLICES = 64;

/** Numbers of states: pairs of the first one and the one after the last. */
export type Ranges = readonly number[];

/** The count of states in ranges. */
export function sizeOf(ranges: Ranges): number {
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    size += (ranges[i + 1] as number) - (ranges[i] as number);
  }
  return size;
}

/** The part of ranges between two places in their count. */
export function sliceOf(ranges: Ranges, from: number, to: number): number[] {
  const part: number[] = [];
  let at = 0;
  for (let i = 0; i < ranges.length && at < to; i += 2) {
    const first = ranges[i] as number;
    const size = (ranges[i + 1] as number) - first;
    const start = Math.max(0, from - at);
    const end = Math.min(size, to - at);
    if (start < end) part.push(first + start, first + end);
    at += size;
  }
  return part;
}

/** One of `parts` shares of ranges that are about the same size. */
export function shareOf(ranges: Ranges, part: number, parts: number): number[] {
  const size = sizeOf(ranges);
  const before = (share: number) => Math.floor((share * size) / parts);
  return sliceOf(ranges, before(part), before(part + 1));
}

/** The numbers below `end` that are in none of the holes. */
export function withoutHoles(end: number, holes: readonly (readonly [number, number])[]): number[] {
  const ranges: number[] = [];
  let from = 0;
  for (const [first, after] of [...holes].sort(([a], [b]) => a - b)) {
    if (from < first) ranges.push(from, first);
    from = Math.max(from, after);
  }
  if (from < end) ranges.push(from, end);
  return ranges;
}

/** Slices of a level that several share by one cursor, which only rises. */
export class Slices {
  private readonly level: Ranges;
  private readonly control: Int32Array;
  private readonly total: number;
  private readonly size: number;
  // Where the ranges of the level are looked into.
  private range = 0;
  private base = 0;

  constructor(level: Ranges, control: Int32Array) {
    this.level = level;
    this.control = control;
    this.total = sizeOf(level);
    this.size = Math.min(MOST, Math.max(LEAST, Math.floor(this.total / SLICES)));
  }

  /** States that nobody else takes; undefined if none are left. */
  next(): Ranges | undefined {
    const { level, total, size: most } = this;
    const from = Atomics.add(this.control, AT.cursor, most);
    if (from >= total) return undefined;
    const to = Math.min(total, from + most);
    for (;;) {
      const size = (level[this.range + 1] as number) - (level[this.range] as number);
      if (from < this.base + size) break;
      this.base += size;
      this.range += 2;
    }
    const near = level.slice(this.range, this.range + 2 * most);
    return sliceOf(near, from - this.base, to - this.base);
  }
}
