import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { assign, createMachine } from 'xstate';
import { exploreSync, follow, fromItf, type Trace, toItf } from '../../src/explore/index.ts';
import { tableEventsOf, tables } from './machines/two-phase.ts';
import { EVENTS, randomMachine } from './random.ts';

const events = tableEventsOf(3);

/** A way of eight steps, over the wire and back. */
function someTrace(): Trace {
  const always = {
    open: ({ context }: { context: { rm: string[] } }) => !context.rm.includes('committed'),
  };
  const result = exploreSync(tables(3), { events, always });
  if (result.verdict !== 'violated' || result.trace === undefined) throw new Error('no trace');
  const back = fromItf(JSON.parse(JSON.stringify(toItf(result.trace))));
  if (isLeft(back)) throw new Error(back.left);
  return back.right;
}

const changed = (trace: Trace, at: number, change: (step: Trace['steps'][number]) => object) => ({
  ...trace,
  steps: trace.steps.map((step, i) => (i === at ? { ...step, ...change(step) } : step)),
});

describe('following a trace', () => {
  test('what the explorer found is a run, of random charts and for ever too', () => {
    expect(follow(tables(3), someTrace(), { events })).toEqual({ verdict: 'run', steps: 8 });
    let runs = 0;
    let loops = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const [drawn] = fc.sample(randomMachine, { seed, numRuns: 1 });
      if (drawn === undefined) throw new Error('nothing drawn');
      const given = { events: EVENTS as never };
      const never = {
        never: (state: { context: unknown }) => (state.context as { n: number }).n === 2,
      };
      const result = exploreSync(drawn.machine, { ...given, eventually: never });
      if (result.verdict !== 'violated' || result.trace === undefined) continue;
      const steps = result.trace.steps.length;
      const followed = follow(drawn.machine, result.trace, given);
      expect({ seed, ...followed }).toEqual({ seed, verdict: 'run', steps });
      runs++;
      if ((result.trace.loop ?? steps) < steps) loops++;
    }
    expect(runs).toBeGreaterThan(30);
    expect(loops).toBeGreaterThan(10);
  });

  test('where it parts from the machine, and in what', () => {
    const trace = someTrace();
    const [first] = trace.steps;
    if (first === undefined) throw new Error('no steps');
    const rm = ['prepared', 'working', 'committed'];
    const elsewhere = changed(trace, 3, ({ state }) => ({
      state: { ...state, context: { ...(state.context as object), rm } },
    }));
    const parted = follow(tables(3), elsewhere, { events });
    expect(parted).toMatchObject({ verdict: 'parts', reason: 'elsewhere', followed: 3 });
    expect(parted.verdict === 'parts' && parted.differences.map(({ place }) => place)).toContain(
      'context.rm.2',
    );
    const start = { ...trace, start: { ...trace.start, status: 'done' } };
    expect(follow(tables(3), start, { events })).toMatchObject({
      reason: 'start',
      followed: 0,
      differences: [{ place: 'status', machine: 'active', trace: 'done' }],
    });
    const stranger = changed(trace, 2, () => ({ event: { type: 'prepare', i: 9 } }));
    expect(follow(tables(3), stranger, { events })).toMatchObject({
      reason: 'no-event',
      followed: 2,
    });
    const early = changed(trace, 0, () => ({ event: { type: 'tm.commit' } }));
    const refused = follow(tables(3), early, { events });
    expect(refused).toMatchObject({ reason: 'not-taken', followed: 0 });
    // At the start each may prepare or abort, and the manager may abort.
    expect(refused.verdict === 'parts' && refused.allowed).toHaveLength(7);
    expect(follow(tables(3), { ...trace, loop: 0 }, { events })).toMatchObject({
      reason: 'loop',
      followed: 8,
    });
  });

  test('a machine that cannot be followed, or throws on the way, is told', () => {
    const state = {
      value: {},
      context: { n: 0 },
      history: {},
      status: 'active',
      output: undefined,
    };
    const trace: Trace = { start: state, steps: [{ event: { type: 'UP' }, state }] };
    const fragile = createMachine({
      context: { n: 0 },
      on: {
        UP: {
          actions: assign({
            n: () => {
              throw new Error('too high');
            },
          }),
        },
      },
    });
    expect(follow(fragile, trace, {})).toMatchObject({
      verdict: 'error',
      fault: { kind: 'threw' },
    });
    const late = createMachine({ after: { 10: {} } } as never);
    expect(follow(late, trace, {}).verdict).toBe('refused');
    expect(follow({} as never, trace, {}).verdict).toBe('refused');
  });
});
