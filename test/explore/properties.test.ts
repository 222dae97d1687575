import { describe, expect, test } from 'vitest';
import { assign, createMachine, stateIn } from 'xstate';
import { type Exploration, exploreSync, type Trace } from '../../src/explore/index.ts';
import { eventsOf, regions, tableEventsOf, tables } from './machines/two-phase.ts';

/** The trace of an exploration that must have one. */
function traceOf(result: Exploration): Trace {
  if (!('trace' in result) || result.trace === undefined) throw new Error(result.verdict);
  return result.trace;
}

const counter = createMachine({
  context: { n: 0 },
  on: {
    UP: {
      guard: ({ context }) => context.n < 20,
      actions: assign({ n: ({ context }) => context.n + 1 }),
    },
    TWICE: {
      guard: ({ context }) => context.n < 10,
      actions: assign({ n: ({ context }) => context.n * 2 }),
    },
  },
});

describe('invariants', () => {
  test('the trace to a broken one is a shortest one, and XState takes it too', () => {
    const result = exploreSync(counter, {
      events: [{ type: 'UP' }, { type: 'TWICE' }],
      always: { 'never 11': ({ context }) => context.n !== 11 },
    });
    expect(result).toMatchObject({
      verdict: 'violated',
      property: { kind: 'always', name: 'never 11' },
    });
    const { steps } = traceOf(result);
    // 1 2 4 5 10 11, or another way of six steps: none of five leads there.
    expect(steps).toHaveLength(6);
    let n = 0;
    for (const { event, state } of steps) {
      n = event.type === 'UP' ? n + 1 : n * 2;
      expect(state.context).toEqual({ n });
    }
    expect(n).toBe(11);
  });

  test('what holds in every state holds, and every state is asked', () => {
    const asked = new Set<number>();
    const result = exploreSync(counter, {
      always: {
        bounded: ({ context }) => {
          asked.add(context.n);
          return context.n <= 20;
        },
      },
    });
    expect(result).toMatchObject({ verdict: 'holds', states: 21 });
    expect(asked.size).toBe(21);
  });

  test('sometimes: a witness is enough, none is a violation without a trace', () => {
    const sometimes = (n: number) =>
      exploreSync(counter, { sometimes: { seen: ({ context }) => context.n === n } });
    expect(sometimes(17).verdict).toBe('holds');
    const missed = sometimes(21);
    expect(missed).toMatchObject({ verdict: 'violated', property: { kind: 'sometimes' } });
    expect(missed).not.toHaveProperty('trace');
  });

  test('two-phase commit: consistent in both forms, and the wrong claim is refuted', () => {
    const inRegions = exploreSync(regions(3), {
      events: eventsOf(3) as never,
      always: {
        consistent: (s) =>
          !(s.matches({ rm0: 'committed' } as never) && s.matches({ rm1: 'aborted' } as never)),
      },
      sometimes: { commits: (s) => s.matches({ rm2: 'committed' } as never) },
    });
    expect(inRegions).toMatchObject({ verdict: 'holds', states: 288 });
    const inTables = exploreSync(tables(3), {
      events: tableEventsOf(3),
      always: { 'nobody commits': ({ context }) => !context.rm.includes('committed') },
    });
    // Three prepare, three are heard, the manager decides, one commits.
    expect(traceOf(inTables).steps).toHaveLength(8);
  });

  test('the value, the status, tags and ids of a state can be asked for', () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { tags: 'calm', on: { GO: 'b' } },
        b: { id: 'bee', type: 'final' },
      },
      output: 5,
    });
    const seen: unknown[] = [];
    exploreSync(machine, {
      events: [{ type: 'GO' }],
      always: {
        look: (s) => {
          seen.push([s.value, s.status, s.output, s.hasTag('calm'), s.matches('#bee')]);
          return true;
        },
      },
    });
    expect(seen).toContainEqual(['a', 'active', undefined, true, false]);
    expect(seen).toContainEqual(['b', 'done', 5, false, true]);
  });

  test('deadlock: a stuck active state is one, a done machine is none', () => {
    const machine = (last: object) =>
      createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: last } } as never);
    const stuck = exploreSync(machine({}), { events: [{ type: 'GO' }], deadlock: true });
    expect(stuck).toMatchObject({ verdict: 'violated', property: { kind: 'deadlock' } });
    expect(traceOf(stuck).steps.map((step) => step.event.type)).toEqual(['GO']);
    const done = exploreSync(machine({ type: 'final' }), { deadlock: true });
    expect(done.verdict).toBe('holds');
  });

  test('events as a function of the state', () => {
    const result = exploreSync(counter, {
      events: ({ context }) => (context.n < 5 ? [{ type: 'UP' }] : []),
    });
    expect(result).toMatchObject({ verdict: 'holds', states: 6, transitions: 5 });
  });

  test('coverage tells what was not reached', () => {
    const machine = createMachine({
      type: 'parallel',
      states: {
        a: {
          initial: 'x',
          states: {
            x: { on: { GO: { target: 'y', guard: stateIn({ b: 'never' }) } } },
            y: {},
          },
        },
        b: { initial: 'o', states: { o: {}, never: {} } },
      },
    });
    const { coverage } = exploreSync(machine, { events: [{ type: 'GO' }] });
    expect(coverage.states).toMatchObject({ total: 7, reached: 5 });
    expect(coverage.states.missed.map((id) => id.split('.').slice(1).join('.'))).toEqual([
      'a.y',
      'b.never',
    ]);
    expect(coverage.transitions).toMatchObject({ total: 1, taken: 0 });
    expect(coverage.guards).toMatchObject({ outcomes: 2, seen: 1 });
    expect(coverage.guards.missed[0]).toMatch(/on GO\[0\] passed$/);
  });
});
