import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign, createMachine } from 'xstate';
import { type Exploration, explore, exploreSync } from '../../src/explore/index.ts';
import { exploreByHands, type Hands } from './local-hands.ts';
import { suite } from './machines/suite.ts';
import { eventsOf, regions, type Tables, tableEventsOf, tables } from './machines/two-phase.ts';
import { EVENTS, richMachine } from './random.ts';

/** What must not hang on who found what. */
function outcome({ verdict, states, edges, depth, coverage }: Exploration) {
  return { verdict, states, edges, depth, coverage };
}

/** Hands that know the machine, hands that have code only, and both in turn. */
const HANDS: readonly Hands[] = [
  { workers: 3 },
  { workers: 2, kind: 'lean', calm: 1 },
  { workers: 3, kind: 'both', calm: 1 },
];

const all = (n: number, value: string) => Array.from({ length: n }, () => value);

describe('several hands come to the same', () => {
  for (const [i, { name, machine, events, input }] of suite.entries()) {
    test(name, async () => {
      const options = { events: events as never, input };
      const alone = exploreSync(machine, options);
      // Two of the three kinds, another two for the next machine.
      for (const hands of HANDS.filter((_, kind) => kind !== i % 3)) {
        const together = await exploreByHands(machine, options, hands);
        expect(outcome(together)).toEqual(outcome(alone));
      }
    });
  }

  test('random charts', async () => {
    const shared: [number, number, number] = [0, 0, 0];
    for (let seed = 1; seed <= 36; seed++) {
      const [drawn] = fc.sample(richMachine, { seed, numRuns: 1 });
      if (drawn === undefined) throw new Error('nothing drawn');
      const options = { events: EVENTS as never };
      const alone = exploreSync(drawn.machine, options);
      const together = await exploreByHands(drawn.machine, options, HANDS[seed % 3]);
      if (alone.verdict === 'error') {
        expect({ seed, verdict: together.verdict }).toEqual({ seed, verdict: 'error' });
        continue;
      }
      expect({ seed, ...outcome(together) }).toEqual({ seed, ...outcome(alone) });
      if (together.workers > 1 && together.orders > 0)
        shared[seed % 3] = (shared[seed % 3] ?? 0) + 1;
    }
    // Where orders of entering matter one searches alone; where nothing repeats there is no code.
    for (const [i, least] of [6, 6, 6].entries()) {
      expect(shared[i]).toBeGreaterThan(least);
    }
  });

  test('two-phase commit in both forms', async () => {
    const inRegions = await exploreByHands(regions(5), { events: eventsOf(5) as never });
    expect(inRegions).toMatchObject({ verdict: 'holds', states: 8832, depth: 16, workers: 2 });
    expect(inRegions.orders).toBeGreaterThan(16);
    const inTables = await exploreByHands(tables(5), { events: tableEventsOf(5) });
    expect(inTables).toMatchObject({ verdict: 'holds', states: 8832, workers: 2 });
    // With code only: as many levels are handed out, once there is code.
    const lean = { kind: 'lean', small: 64, calm: 100 } as const;
    const byCode = await exploreByHands(regions(5), { events: eventsOf(5) as never }, lean);
    expect(outcome(byCode)).toEqual(outcome(inRegions));
    expect(byCode.orders).toBeGreaterThan(5);
  });
});

describe('what they find', () => {
  const claims = {
    'nobody commits': ({ context }: { context: Tables }) => !context.rm.includes('committed'),
    'not all abort': ({ context }: { context: Tables }) =>
      !context.rm.every((state) => state === 'aborted'),
  };

  test('a shortest way to what is broken, and the same property for any number', async () => {
    const options = { events: tableEventsOf(3), always: claims } as never;
    const alone = exploreSync(tables(3), { events: tableEventsOf(3), always: claims });
    for (const workers of [2, 3]) {
      const { verdict, ...rest } = await exploreByHands(tables(3), options, { workers });
      const { property, trace } = rest as unknown as {
        property: object;
        trace: { steps: object[] };
      };
      expect({ verdict, property }).toEqual({
        verdict: 'violated',
        property: { kind: 'always', name: 'not all abort' },
      });
      expect(alone.verdict === 'violated' && alone.trace?.steps).toHaveLength(trace.steps.length);
      expect(trace.steps.at(-1)).toMatchObject({ state: { context: { rm: all(3, 'aborted') } } });
    }
  });

  test('deadlocks, witnesses, and what never comes', async () => {
    const options = { events: eventsOf(3) as never };
    const stuck = await exploreByHands(regions(3), { ...options, deadlock: true });
    const alone = exploreSync(regions(3), { ...options, deadlock: true });
    expect(stuck).toMatchObject({ verdict: 'violated', property: { kind: 'deadlock' } });
    const steps = (result: Exploration) => 'trace' in result && result.trace?.steps.length;
    expect(steps(stuck)).toBe(steps(alone));
    const committed = (state: { matches(value: unknown): boolean }) =>
      state.matches({ tm: 'committed' });
    const seen = await exploreByHands(regions(3), { ...options, sometimes: { committed } });
    expect(seen.verdict).toBe('holds');
    const never = await exploreByHands(regions(3), { ...options, eventually: { committed } });
    expect(never).toMatchObject({ verdict: 'violated', property: { kind: 'eventually' } });
  });

  test('a guard that throws is an error with the way to it', async () => {
    const fragile = createMachine({
      context: { n: 0 },
      on: {
        UP: {
          guard: ({ context }) => {
            if (context.n === 40) throw new Error('too high');
            return true;
          },
          actions: assign({ n: ({ context }) => context.n + 1 }),
        },
      },
    });
    const result = await exploreByHands(fragile, {});
    expect(result).toMatchObject({ verdict: 'error', fault: { kind: 'threw' } });
    expect(result.verdict === 'error' && result.trace?.steps).toHaveLength(40);
  });
});

describe('limits', () => {
  test('a search cut many times comes to the same, by any number', async () => {
    const options = { events: eventsOf(4) as never };
    const whole = exploreSync(regions(4), options);
    let result: Exploration = exploreSync(regions(4), { ...options, maxStates: 50 });
    for (let limit = 200; result.verdict === 'incomplete'; limit += 400) {
      const { checkpoint } = result;
      const more = { ...options, maxStates: limit, resume: checkpoint };
      result =
        limit % 800 === 200
          ? await exploreByHands(regions(4), more)
          : exploreSync(regions(4), more);
    }
    expect(outcome(result)).toEqual(outcome(whole));
  });

  test('a number of states, kept within a level by hands that have code only', async () => {
    const options = { events: eventsOf(5) as never, maxStates: 5000 };
    const lean = { kind: 'lean', small: 64, calm: 100 } as const;
    const cut = await exploreByHands(regions(5), options, lean);
    expect(cut).toMatchObject({ verdict: 'incomplete', reason: 'max-states' });
    expect(cut.states).toBeGreaterThan(5000);
    // Each may finish the slice it is at.
    expect(cut.states).toBeLessThan(5000 + 2 * 128 * 10);
    expect(cut.orders).toBeGreaterThan(0);
  });

  test('memory', async () => {
    const options = { events: eventsOf(7) as never, maxMemory: 2_000_000 };
    const result = await exploreByHands(regions(7), options);
    expect(result).toMatchObject({ verdict: 'incomplete', reason: 'max-memory' });
    expect(result.states).toBeGreaterThan(20_000);
  });

  test('several workers where nothing may wait, or a subject of another machine, are refused', async () => {
    const options = { events: eventsOf(3) as never, workers: 2 };
    const refused = { verdict: 'refused', refusals: [{ place: 'options.workers' }] };
    expect(exploreSync(regions(3), options)).toMatchObject(refused);
    expect(await explore(regions(3), options)).toMatchObject({ verdict: 'holds', workers: 2 });
    expect(await explore(regions(3), { ...options, workers: 0 })).toMatchObject(refused);
    const other = await exploreByHands(regions(3), options, { subject: regions(2) });
    expect(other).toMatchObject({ verdict: 'refused', refusals: [{ place: 'options.subject' }] });
  });
});

test('with symmetry', async () => {
  const options = {
    events: tableEventsOf(4) as never,
    symmetry: {
      groups: [
        [0, 1, 2, 3].map((i) => ['rm', 'heard', 'sent'].map((key) => `context.${key}.${i}`)),
      ],
    },
  };
  const alone = exploreSync(tables(4), options);
  for (const workers of [2, 3]) {
    const together = await exploreByHands(tables(4), options, { workers });
    expect(outcome(together)).toEqual(outcome(alone));
  }
});
