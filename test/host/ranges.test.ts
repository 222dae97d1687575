/** Sets of frames as ranges do what sets of numbers do. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  contains,
  endOf,
  type FrameRange,
  framesOf,
  fromFrames,
  intersect,
  normalise,
  overlap,
  range,
  subtract,
  total,
  union,
} from '../../src/host/ranges.ts';

const ranges = fc.array(
  fc.tuple(fc.nat(60), fc.nat(9)).map(([start, count]) => range(start, count)),
  { maxLength: 8 },
);
const setOf = (list: readonly FrameRange[]): Set<number> => new Set(framesOf(list));
const sorted = (s: Iterable<number>): number[] => [...s].sort((a, b) => a - b);

/** Ascending, disjoint, and with a gap between any two. */
const isNormal = (list: readonly FrameRange[]): boolean =>
  list.every((r, i) => {
    const next = list[i + 1];
    return r.count > 0 && (next === undefined || endOf(r) < next.start);
  });

describe('against plain sets', () => {
  test('normalise keeps the set and makes it normal', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const out = normalise(list);
        expect(isNormal(out)).toBe(true);
        expect(sorted(framesOf(out))).toEqual(sorted(setOf(list)));
      }),
    );
  });

  test('union, subtract, intersect', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const [x, y] = [setOf(a), setOf(b)];
        for (const [out, expected] of [
          [union(a, b), sorted(new Set([...x, ...y]))],
          [subtract(a, b), sorted(x).filter((f) => !y.has(f))],
          [intersect(a, b), sorted(x).filter((f) => y.has(f))],
        ] as const) {
          expect([...framesOf(out)]).toEqual(expected);
          expect(isNormal(out)).toBe(true);
        }
      }),
    );
  });

  test('contains is membership, also outside of all ranges', () => {
    fc.assert(
      fc.property(ranges, fc.nat(80), (list, frame) => {
        expect(contains(normalise(list), frame)).toBe(setOf(list).has(frame));
      }),
    );
  });

  test('fromFrames is the inverse of framesOf', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60)), (frames) => {
        const out = fromFrames(frames);
        expect(isNormal(out)).toBe(true);
        expect([...framesOf(out)]).toEqual(sorted(new Set(frames)));
        expect(total(out)).toBe(new Set(frames).size);
      }),
    );
  });

  test('overlap is a non-empty intersection', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(4), fc.nat(9), fc.nat(4), (a, n, b, m) => {
        const [x, y] = [range(a, n), range(b, m)];
        expect(overlap(x, y)).toBe(intersect([x], [y]).length > 0);
      }),
    );
  });
});
