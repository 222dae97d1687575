/**
 * Sets of machine frames as sorted, disjoint, non-adjacent ranges. Memory of
 * a host is mostly long runs, so a set of a million frames is a few ranges.
 */
import * as t from 'io-ts';
import { Natural } from './codec.ts';

/** Frames [start, start + count), in units of 4 KiB. */
export const FrameRange = t.readonly(t.type({ start: Natural, count: Natural }), 'FrameRange');
export type FrameRange = t.TypeOf<typeof FrameRange>;

export const range = (start: number, count: number): FrameRange => ({ start, count });
export const endOf = (r: FrameRange): number => r.start + r.count;
export const inRange = (r: FrameRange, frame: number): boolean =>
  frame >= r.start && frame < r.start + r.count;
export const overlap = (a: FrameRange, b: FrameRange): boolean =>
  a.count > 0 && b.count > 0 && a.start < endOf(b) && b.start < endOf(a);

/** Sorts, drops empty ranges and merges the ones that touch or overlap. */
export const normalise = (ranges: readonly FrameRange[]): FrameRange[] => {
  const sorted = ranges.filter((r) => r.count > 0).sort((a, b) => a.start - b.start);
  const out: FrameRange[] = [];
  for (const r of sorted) {
    const last = out[out.length - 1];
    if (last !== undefined && r.start <= endOf(last))
      out[out.length - 1] = range(last.start, Math.max(endOf(last), endOf(r)) - last.start);
    else out.push(r);
  }
  return out;
};

export const union = (a: readonly FrameRange[], b: readonly FrameRange[]): FrameRange[] =>
  normalise([...a, ...b]);

/** The frames of `a` that are not in `b`. */
export const subtract = (a: readonly FrameRange[], b: readonly FrameRange[]): FrameRange[] => {
  const cuts = normalise(b);
  const out: FrameRange[] = [];
  for (const r of normalise(a)) {
    let at = r.start;
    for (const cut of cuts) {
      if (endOf(cut) <= at) continue;
      if (cut.start >= endOf(r)) break;
      if (cut.start > at) out.push(range(at, cut.start - at));
      at = Math.max(at, endOf(cut));
    }
    if (at < endOf(r)) out.push(range(at, endOf(r) - at));
  }
  return out;
};

export const intersect = (a: readonly FrameRange[], b: readonly FrameRange[]): FrameRange[] =>
  subtract(a, subtract(a, b));

export const total = (ranges: readonly FrameRange[]): number =>
  ranges.reduce((n, r) => n + r.count, 0);

/** Ranges of a list of frames, in any order, with or without repeats. */
export const fromFrames = (frames: Iterable<number>): FrameRange[] => {
  const out: FrameRange[] = [];
  for (const f of [...frames].sort((a, b) => a - b)) {
    const last = out[out.length - 1];
    if (last !== undefined && f < endOf(last)) continue;
    if (last !== undefined && f === endOf(last))
      out[out.length - 1] = range(last.start, last.count + 1);
    else out.push(range(f, 1));
  }
  return out;
};

/** Every frame of a set, ascending. */
export function* framesOf(ranges: readonly FrameRange[]): Generator<number> {
  for (const r of ranges) for (let f = r.start; f < endOf(r); f++) yield f;
}

/** Is the frame in the (normalised) set? Binary search. */
export const contains = (ranges: readonly FrameRange[], frame: number): boolean => {
  let lo = 0;
  let hi = ranges.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    const r = ranges[mid] as FrameRange;
    if (frame < r.start) hi = mid;
    else if (frame >= endOf(r)) lo = mid + 1;
    else return true;
  }
  return false;
};
