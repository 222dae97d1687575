import { describe, expect, test } from 'vitest';
import { exploreSync } from '../../src/explore/index.ts';
import { eventsOf, regions, tableEventsOf, tables } from './machines/two-phase.ts';

const states = new Map([
  [5, 8832],
  [6, 50_816],
  [7, 296_448],
  [8, 1_745_408],
]);

describe('two-phase commit, all states', () => {
  for (const [n, want] of states) {
    test(`participants as regions, N = ${n}`, () => {
      const result = exploreSync(regions(n), { events: eventsOf(n) as never });
      expect(result).toMatchObject({ verdict: 'holds', states: want, depth: 3 * n + 1 });
      if (n === 8) expect(result.bytesPerState).toBeLessThanOrEqual(24);
    });
  }
  for (const n of [5, 6]) {
    test(`participants in arrays, N = ${n}`, () => {
      const result = exploreSync(tables(n), { events: tableEventsOf(n) });
      expect(result).toMatchObject({ verdict: 'holds', states: states.get(n) });
    });
  }
});
