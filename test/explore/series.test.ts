/** Searches one after the other, that share what they learned; and what must be forgotten. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, assign, createMachine } from 'xstate';
import {
  type Exploration,
  type ExploreOptions,
  exploreSync,
  Series,
  type StateView,
} from '../../src/explore/index.ts';
import { traverse } from './oracle.ts';
import { EVENTS, richMachine } from './random.ts';

/**
 * What a search says. How far it came before something broke hangs on the
 * order in which events are tried, and is no part of it.
 */
const said = (one: Exploration) => {
  const { verdict, edges, states, depth } = one;
  if (one.verdict === 'error') return { verdict, kind: one.fault.kind };
  if (one.verdict === 'violated') return { verdict, steps: one.trace?.steps.length };
  return { verdict, edges, states, depth };
};

/** Which of the events each search is given. */
const LISTS = [[0], [0, 1], [2, 3, 4], [0, 1, 2, 3, 4], [0]].map((list) =>
  list.map((i) => EVENTS[i] as { readonly type: string }),
);

describe('a series of searches', () => {
  test('comes to what each comes to by itself, also after one that breaks', () => {
    const verdicts = new Map<string, number>();
    for (let seed = 1; seed <= 60; seed++) {
      const [drawn] = fc.sample(richMachine, { seed, numRuns: 1 });
      if (drawn === undefined) throw new Error('nothing drawn');
      const { machine } = drawn;
      const options: ExploreOptions = {
        always: {
          low: ({ context }) => (context as { n: number }).n < 2 || seed % 3 > 0,
          off: ({ context }) => !(context as { flags: boolean[] }).flags[1] || seed % 2 > 0,
        },
        deadlock: seed % 5 === 0,
      };
      const series = new Series(machine, options);
      for (const events of LISTS) {
        const alone = exploreSync(machine, { ...options, events } as never);
        expect({ seed, ...said(series.explore(events)) }).toEqual({ seed, ...said(alone) });
        verdicts.set(alone.verdict, (verdicts.get(alone.verdict) ?? 0) + 1);
      }
    }
    expect(verdicts.get('holds')).toBeGreaterThan(100);
    expect(verdicts.get('violated')).toBeGreaterThan(50);
  });

  test('asks nothing twice', () => {
    let asked = 0;
    const machine = createMachine({
      context: { n: 0 },
      on: {
        UP: {
          guard: ({ context }) => {
            asked++;
            return context.n < 5;
          },
          actions: assign({ n: ({ context }) => context.n + 1 }),
        },
        DOWN: { actions: assign({ n: 0 }) },
      },
    });
    const series = new Series(machine, {});
    const both = [{ type: 'UP' }, { type: 'DOWN' }];
    expect(series.explore(both)).toMatchObject({ verdict: 'holds', states: 6 });
    expect(series.explore(both)).toMatchObject({ states: 6 });
    const before = asked;
    expect(before).toBeGreaterThan(0);
    expect(series.explore([{ type: 'UP' }])).toMatchObject({ states: 6 });
    expect(series.explore([{ type: 'DOWN' }])).toMatchObject({ states: 1 });
    expect(asked).toBe(before);
  });
});

/** The counts of the explorer beside those of XState's own traversal. */
function bothCounts(machine: AnyStateMachine, types: readonly string[], always = {}) {
  const events = types.map((type) => ({ type }));
  const got = exploreSync(machine, { events, always } as never);
  const mine = { ...got.edges, states: got.states, depth: got.depth };
  return [mine, { offered: mine.offered, ...traverse(machine, events) }];
}

describe('what was learned is forgotten', () => {
  test('when a part appears below what is written as a whole', () => {
    type Ctx = { context: { o: object; turns: number } };
    const machine = createMachine({
      context: { o: {}, turns: 0 },
      on: {
        EMPTY: { actions: assign({ o: () => ({}) }) },
        TURN: { actions: assign({ turns: ({ context }: Ctx) => Math.min(context.turns + 1, 3) }) },
        FILL: {
          guard: ({ context }: Ctx) => context.turns === 3,
          actions: assign({ o: () => ({ x: { y: 1 } }) }),
        },
        MORE: {
          guard: ({ context }: Ctx) => 'x' in context.o,
          actions: assign({ o: () => ({ x: { y: 1, z: [2] } }) }),
        },
      },
    } as never);
    const [mine, wanted] = bothCounts(machine, ['EMPTY', 'TURN', 'FILL', 'MORE']);
    expect(mine).toEqual(wanted);
    expect(mine?.states).toBe(6);
  });

  test('when what a guard, an assign or an invariant read comes to differ', () => {
    type Ctx = { context: { late: number; turns: number; seen: number } };
    const machine = createMachine({
      context: { late: 0, turns: 0, seen: 0 },
      on: {
        GO: {
          guard: ({ context }: Ctx) => context.late > 0,
          actions: assign({ seen: ({ context }: Ctx) => context.late }),
        },
        // Reads the same places in more than 32 cases, which makes a table of them.
        COPY: {
          actions: assign({ seen: ({ context }: Ctx) => (context.late + context.turns) % 2 }),
        },
        EARLY: { actions: assign({ late: 0 }) },
        TURN: { actions: assign({ turns: ({ context }: Ctx) => Math.min(context.turns + 1, 40) }) },
        LATE: {
          guard: ({ context }: Ctx) => context.turns === 40,
          actions: assign({ late: ({ context }: Ctx) => (context.late + 1) % 3 }),
        },
      },
    } as never);
    const events = ['GO', 'COPY', 'EARLY', 'TURN', 'LATE'];
    const [mine, wanted] = bothCounts(machine, events);
    expect(mine).toEqual(wanted);
    const early = ({ context }: StateView) => (context as { seen: number }).seen < 2;
    const broken = exploreSync(machine, {
      events: events.map((type) => ({ type })),
      always: { early },
    } as never);
    expect(broken).toMatchObject({ verdict: 'violated', property: { name: 'early' } });
  });
});
