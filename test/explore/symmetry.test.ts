import { describe, expect, test } from 'vitest';
import { exploreSync } from '../../src/explore/index.ts';
import { eventsOf, regions, tableEventsOf, tables } from './machines/two-phase.ts';

/** Distinct multisets of what the participants hold, counted from all states. */
function orbits(n: number): number {
  const seen = new Set<string>();
  exploreSync(tables(n), {
    events: tableEventsOf(n),
    always: {
      note: ({ context: { rm, heard, sent, tm } }) => {
        const parts = rm.map((state, i) => `${state} ${heard[i]} ${sent[i]}`).sort();
        seen.add([tm, ...parts].join());
        return true;
      },
    },
  });
  return seen.size;
}

const tableGroups = (n: number) => [
  Array.from({ length: n }, (_, i) => [
    `context.rm.${i}`,
    `context.heard.${i}`,
    `context.sent.${i}`,
  ]),
];
const regionGroups = (n: number) => [
  Array.from({ length: n }, (_, i) =>
    [`rm${i}`, `heard${i}`, `sent${i}`].map((r) => `#regions.${r}`),
  ),
];

describe('symmetry', () => {
  for (const n of [2, 3, 4]) {
    test(`two-phase commit, N = ${n}: one state for each multiset of participants`, () => {
      const want = orbits(n);
      const inTables = exploreSync(tables(n), {
        events: tableEventsOf(n),
        symmetry: { groups: tableGroups(n) },
      });
      expect(inTables).toMatchObject({ verdict: 'holds', states: want, reductions: ['symmetry'] });
      const inRegions = exploreSync(regions(n), {
        events: eventsOf(n) as never,
        symmetry: { groups: regionGroups(n) },
      });
      expect(inRegions).toMatchObject({ verdict: 'holds', states: want });
    });
  }

  test('verdicts and lengths of traces are the same with and without', () => {
    const claims = {
      'nobody commits': (rm: readonly string[]) => !rm.includes('committed'),
      'not all abort': (rm: readonly string[]) => !rm.every((state) => state === 'aborted'),
      'nobody both': (rm: readonly string[]) =>
        !(rm.includes('committed') && rm.includes('aborted')),
    };
    for (const [name, claim] of Object.entries(claims)) {
      const run = (symmetry: object) =>
        exploreSync(tables(3), {
          events: tableEventsOf(3),
          always: { [name]: ({ context }) => claim(context.rm) },
          ...symmetry,
        });
      const plain = run({});
      const reduced = run({ symmetry: { groups: tableGroups(3) } });
      expect(reduced.verdict).toBe(plain.verdict);
      if (plain.verdict !== 'violated' || reduced.verdict !== 'violated') continue;
      expect(reduced.trace?.steps.length).toBe(plain.trace?.steps.length);
      // The trace is a run of the machine itself, not of sorted states.
      const last = reduced.trace?.steps.at(-1)?.state.context as { rm: string[] };
      expect(claim(last.rm)).toBe(false);
    }
  });

  test('places that are not there, and liveness beside it, are refused', () => {
    const groups = [[['context.rm.0'], ['context.rm.7']]];
    const result = exploreSync(tables(2), { events: tableEventsOf(2), symmetry: { groups } });
    expect(result).toMatchObject({ verdict: 'refused' });
    const both = exploreSync(tables(2), {
      symmetry: { groups: tableGroups(2) },
      eventually: { x: () => true },
    });
    expect(both).toMatchObject({ verdict: 'refused', refusals: [{ place: 'options.symmetry' }] });
  });
});
