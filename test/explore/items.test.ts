import { describe, expect, test } from 'vitest';
import { exploreSync } from '../../src/explore/index.ts';
import { isSelfContained } from '../../src/explore/self-contained.ts';
import { tableEventsOf, tables } from './machines/two-phase.ts';

describe('a callback leaves nothing behind', () => {
  const outer = { i: 1, value: 'x', list: [1] };
  const call = (x: unknown) => x;
  let count = 0;
  const yes: unknown[] = [
    (old: string, j: number) => (j === outer.i ? outer.value : old),
    (x: { n: number }) => ({ ...x, n: x.n + 1 }),
    (x: { a?: { b?: number } }) => x.a?.b ?? (typeof x === 'object' ? 1 : 2),
    (x: number, i: number) => {
      if (i === 2) return outer.list[i];
      return [x, ...outer.list];
    },
    (x: string) => x !== 'a' && x >= 'b',
  ];
  const no: unknown[] = [
    () => ++count,
    () => count--,
    (x: number) => {
      count = x;
      return x;
    },
    (x: number) => {
      count += x;
      return x;
    },
    (x: number) => call(x),
    (x: number) => outer.list.push(x),
    (x: number) => new Set([x]),
    (x: number, y = 1) => x + y,
    (x: number) => `${x}`,
    (x: number) => x / 2,
    (x: unknown) => x instanceof Set,
    async (x: number) => x,
    function own(x: number) {
      return x;
    },
    call.bind(undefined),
    Boolean,
    'x => x',
    undefined,
  ];

  test('where its text shows it', () => {
    for (const one of yes) expect([String(one), isSelfContained(one)]).toEqual([String(one), true]);
  });

  test('and not where it does not', () => {
    for (const one of no) expect([String(one), isSelfContained(one)]).toEqual([String(one), false]);
  });
});

test('a list copied with one item changed is not learned anew for what the others hold', () => {
  let runs = 0;
  const n = 5;
  const machine = tables(n, (list, i, value) => {
    runs++;
    return list.map((old, j) => (j === i ? value : old));
  });
  const result = exploreSync(machine, { events: tableEventsOf(n) });
  expect(result).toMatchObject({ verdict: 'holds', states: 8832 });
  // 25 events, each with a handful of cases an item; by whole lists it were thousands.
  expect(runs).toBeLessThan(1000);
});
