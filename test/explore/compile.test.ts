import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { Exploring } from '../../src/explore/explore.ts';
import type { Exploration, ExploreOptions } from '../../src/explore/index.ts';
import { copies } from './machines/copies.ts';
import { odd } from './machines/odd.ts';
import { suite } from './machines/suite.ts';
import { eventsOf, regions, tableEventsOf, tables } from './machines/two-phase.ts';
import { EVENTS, richMachine } from './random.ts';

/** Explores with code made after so many states; `coded` of them were expanded by code. */
function exploreWith(calm: number, machine: AnyStateMachine, options: ExploreOptions) {
  const exploring = new Exploring(machine, options, { calm });
  const run = exploring.run();
  for (;;) {
    const step = run.next();
    if (step.done === true) return { result: step.value, coded: exploring.coded };
  }
}

/** States expanded by code in all comparisons: that there was code at all. */
let byCode = 0;

/** Code at once, code late, no code: the same but for which states came first. */
function compare(machine: AnyStateMachine, options: ExploreOptions): Exploration {
  const { result: plain, coded: none } = exploreWith(Number.POSITIVE_INFINITY, machine, options);
  expect(none).toBe(0);
  for (const calm of [1, 7]) {
    const { result: coded, coded: some } = exploreWith(calm, machine, options);
    byCode += some;
    const { verdict, states, edges, depth, coverage } = coded;
    if (plain.verdict === 'violated' || plain.verdict === 'error') {
      const steps = (one: Exploration) => 'trace' in one && one.trace?.steps.length;
      expect([verdict, steps(coded)]).toEqual([plain.verdict, steps(plain)]);
      continue;
    }
    expect({ verdict, states, edges, depth, coverage }).toEqual({
      verdict: plain.verdict,
      states: plain.states,
      edges: plain.edges,
      depth: plain.depth,
      coverage: plain.coverage,
    });
  }
  return plain;
}

describe('code does what the trees do', () => {
  test.each([...suite, ...odd, ...copies].map((one) => [one.name, one] as const))(
    '%s',
    (_, one) => {
      const options = { events: one.events as never, input: one.input };
      compare(one.machine, options);
      if (suite.includes(one)) compare(one.machine, { ...options, deadlock: true });
    },
  );

  test('random charts, with properties', () => {
    let violated = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const [drawn] = fc.sample(richMachine, { seed, numRuns: 1 });
      if (drawn === undefined) throw new Error('nothing drawn');
      const n = seed % 3;
      const plain = compare(drawn.machine, {
        events: EVENTS as never,
        ...(n === 0 ? { deadlock: true } : {}),
        always: {
          small: ({ context }) => n !== 1 || (context as { n: number }).n < 2,
          flat: ({ context }) => n !== 2 || !(context as { flags: boolean[] }).flags[1],
        },
        sometimes: { start: (state) => state.status === 'active' },
      });
      if (plain.verdict === 'violated') violated++;
    }
    expect(violated).toBeGreaterThan(15);
  });

  test('two-phase commit in both forms, with what is broken late', () => {
    const inRegions = compare(regions(4), { events: eventsOf(4) });
    expect(inRegions).toMatchObject({ verdict: 'holds', states: 1568 });
    expect(compare(tables(4), { events: tableEventsOf(4) }).states).toBe(1568);
    const always = {
      'not all commit': ({ context }: { context: unknown }) =>
        !(context as { rm: string[] }).rm.every((state) => state === 'committed'),
    };
    const late = compare(tables(4), { events: tableEventsOf(4), always });
    expect(late.verdict).toBe('violated');
  });

  test('and there was code', () => {
    expect(byCode).toBeGreaterThan(5_000);
  });
});
