/** Results of campaigns: put together in any order they are the same; nothing is done twice or lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Batch,
  batchesOf,
  caseSeedOf,
  nameOf,
  shardOf,
  takes,
} from '../../src/campaign/batch.ts';
import { linesOf, merge, type Results, resultsOf, totalsOf } from '../../src/campaign/results.ts';
import { campaignCases, campaignText } from '../../src/report/campaign-text.ts';

const counts = fc.dictionary(fc.constantFrom('I7.1', 'I8.2', 'refused'), fc.nat(99));
const batch: fc.Arbitrary<Batch> = fc
  .record({
    seed: fc.constantFrom(1, -2),
    property: fc.constantFrom('round-trip', 'after-history'),
    index: fc.nat(3),
    runs: fc.constantFrom(24, 25),
    checked: counts,
    met: counts,
    failure: fc.option(
      fc.record({
        invariants: fc.constant<string[]>(['I7.1']),
        what: fc.array(fc.string({ maxLength: 100 }), { maxLength: 9 }),
        described: fc.constant<string[]>(['d0: pv, 24 pages']),
        path: fc.constant('3:0'),
      }),
      { nil: null, freq: 3 },
    ),
  })
  .map((b) => ({ ...b, caseSeed: caseSeedOf(b) }));
const results = fc.array(batch, { maxLength: 6 }).map(resultsOf);

const reportOf = (r: Results) => [
  totalsOf(r),
  campaignText(r, ['I7.1', 'I9.9'], () => null),
  campaignCases(r, () => null),
];
const holds = (p: fc.IProperty<unknown[]>) => fc.assert(p, { seed: 2021, numRuns: 300 });

describe('results of several machines', () => {
  test('come to the same report in either order', () => {
    holds(
      fc.property(results, results, (a, b) => {
        expect(reportOf(merge(a, b))).toEqual(reportOf(merge(b, a)));
        expect(linesOf(merge(a, b))).toEqual(linesOf(merge(b, a)));
      }) as fc.IProperty<unknown[]>,
    );
  });

  test('come to the same report however they are grouped, and if one is there twice', () => {
    holds(
      fc.property(results, results, results, (a, b, c) => {
        const grouped = merge(a, merge(b, c));
        expect(reportOf(merge(merge(a, b), c))).toEqual(reportOf(grouped));
        expect(reportOf(merge(grouped, b))).toEqual(reportOf(grouped));
      }) as fc.IProperty<unknown[]>,
    );
  });

  test('that differ for one batch are told', () => {
    holds(
      fc.property(batch, (b) => {
        const other = { ...b, runs: b.runs + 1 };
        const t = totalsOf(merge(resultsOf([b]), resultsOf([other])));
        expect(t.disagreements).toEqual([nameOf(b)]);
        expect(totalsOf(resultsOf([b, b])).disagreements).toEqual([]);
      }) as fc.IProperty<unknown[]>,
    );
  });

  test('are told within 75 columns', () => {
    holds(
      fc.property(results, (r) => {
        const text = campaignText(r, ['I7.1', 'I9.9'], () => null);
        const wide = text.split('\n').filter((l) => l.length > 75 && !l.includes('xen-lu '));
        expect(wide).toEqual([]);
      }) as fc.IProperty<unknown[]>,
    );
  });
});

describe('batches', () => {
  test('are shared out: each is one machine and every machine has some', () => {
    for (let of = 1; of < 7; of++)
      for (let index = 0; index < 50; index++) {
        const takers = Array.from({ length: of }, (_, i) => ({ part: i + 1, of })).filter((s) =>
          takes(s, index),
        );
        expect(takers).toHaveLength(1);
      }
    const first = batchesOf(1, ['a', 'b'], { part: 2, of: 3 });
    const named = Array.from({ length: 4 }, () => nameOf(first.next().value as never));
    expect(named).toEqual(['a-1-1', 'b-1-1', 'a-1-4', 'b-1-4']);
  });

  test('have seeds of their own, of 32 bits', () => {
    const seeds = [1, 2, -7].flatMap((seed) =>
      ['a', 'b'].flatMap((property) =>
        Array.from({ length: 100 }, (_, index) => caseSeedOf({ seed, property, index })),
      ),
    );
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(seeds.filter((s) => s !== (s | 0))).toEqual([]);
  });

  test.each(['', '0/2', '3/2', '1', '1/2/3', '-1/2', '1/x', '1.5/2', '1/99999'])(
    'the shard "%s" is none',
    (text) => {
      expect(shardOf(text)).toBeNull();
    },
  );
});
