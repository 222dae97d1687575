import { describe, expect, test } from 'vitest';
import { assign, createMachine } from 'xstate';
import { type Exploration, explore, exploreSync } from '../../src/explore/index.ts';
import { suite } from './machines/suite.ts';
import { eventsOf, regions, tableEventsOf, tables } from './machines/two-phase.ts';

function checkpointOf(result: Exploration): Uint8Array {
  if (result.verdict !== 'incomplete') throw new Error(result.verdict);
  return result.checkpoint;
}

/** What must not hang on where a search was cut. */
function outcome({ verdict, states, edges, depth, coverage }: Exploration) {
  return { verdict, states, edges, depth, coverage };
}

const four = { events: eventsOf(4) as never };

describe('limits', () => {
  test('maxStates: incomplete just above the limit, complete at it', () => {
    const cut = exploreSync(regions(4), { ...four, maxStates: 500 });
    expect(cut).toMatchObject({ verdict: 'incomplete', reason: 'max-states' });
    expect(cut.states).toBeGreaterThan(500);
    expect(cut.states).toBeLessThan(530);
    expect(exploreSync(regions(4), { ...four, maxStates: 1568 }).verdict).toBe('holds');
  });

  test('maxMemory ends a search that would have no end', () => {
    const endless = createMachine({
      context: { n: 0 },
      on: { UP: { actions: assign({ n: ({ context }) => context.n + 1 }) } },
    });
    const result = exploreSync(endless, { maxMemory: 4_000_000 });
    expect(result).toMatchObject({ verdict: 'incomplete', reason: 'max-memory' });
    expect(result.states * result.bytesPerState).toBeLessThan(4_000_000);
    expect(result.states).toBeGreaterThan(1000);
  });

  test('a signal ends a search between two pauses; progress is told', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const result = await explore(regions(5), {
      events: eventsOf(5) as never,
      progressEvery: 1000,
      onProgress: ({ states, frontier, bytes, seconds }) => {
        seen.push(states);
        expect(frontier).toBeGreaterThan(0);
        expect(bytes).toBeGreaterThan(0);
        expect(seconds).toBe(1);
        if (seen.length === 3) setTimeout(() => controller.abort(), 0);
      },
      signal: controller.signal,
      clock: (() => {
        let now = 0;
        return () => (now === 0 ? now++ : 1000);
      })(),
    });
    expect(result).toMatchObject({ verdict: 'incomplete', reason: 'aborted' });
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect(result.states).toBeLessThan(8832);
  });

  test('with a clock, slow states are given fewer between two pauses', async () => {
    let now = 0;
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const result = await explore(regions(5), {
      events: eventsOf(5) as never,
      signal: controller.signal,
      // Each look at it is a second later, as if states took that long.
      clock: () => (now += 1000),
    });
    expect(result).toMatchObject({ verdict: 'incomplete', reason: 'aborted' });
    expect(result.states).toBeLessThan(1000);
  });

  test('a signal ends the judging of promises too, and a checkpoint leads back to it', async () => {
    const controller = new AbortController();
    const options = { events: eventsOf(7) as never };
    const aborts = () => {
      controller.abort();
      return true;
    };
    const cut = await explore(regions(7), {
      ...options,
      signal: controller.signal,
      eventually: { aborts },
    });
    expect(cut).toMatchObject({ verdict: 'incomplete', reason: 'aborted', states: 296_448 });
    const resume = checkpointOf(cut);
    const rest = exploreSync(regions(7), { ...options, resume, eventually: { now: () => true } });
    expect(rest).toMatchObject({ verdict: 'holds', states: 296_448, edges: cut.edges });
  });

  test('values of the options that mean nothing are refused', () => {
    for (const maxStates of [0, -1, Number.NaN]) {
      const result = exploreSync(regions(2), { maxStates });
      expect(result).toMatchObject({
        verdict: 'refused',
        refusals: [{ place: 'options.maxStates' }],
      });
    }
  });
});

describe('checkpoints', () => {
  test('a search cut many times comes to the same', () => {
    const whole = exploreSync(regions(4), four);
    let limit = 100;
    let result = exploreSync(regions(4), { ...four, maxStates: limit });
    while (result.verdict === 'incomplete') {
      limit += 300;
      const resume = result.checkpoint;
      result = exploreSync(regions(4), { ...four, maxStates: limit, resume });
    }
    expect(outcome(result)).toEqual(outcome(whole));
  });

  test('every machine of the suite can be cut in its middle', () => {
    for (const { name, machine, events, input } of suite) {
      const options = { events: events as never, input };
      const whole = exploreSync(machine, options);
      const cut = exploreSync(machine, { ...options, maxStates: Math.ceil(whole.states / 2) });
      if (cut.verdict !== 'incomplete') continue;
      const rest = exploreSync(machine, { ...options, resume: checkpointOf(cut) });
      expect({ name, ...outcome(rest) }).toEqual({ name, ...outcome(whole) });
    }
  });

  test('a trace can be made of what was found before the cut', () => {
    const options = { events: tableEventsOf(3) };
    const cut = exploreSync(tables(3), { ...options, maxStates: 100 });
    const result = exploreSync(tables(3), {
      ...options,
      resume: checkpointOf(cut),
      always: { 'nobody commits': ({ context }) => !context.rm.includes('committed') },
    });
    expect(result.verdict === 'violated' && result.trace?.steps).toHaveLength(8);
  });

  test('foreign, damaged and short bytes are refused, not read', () => {
    const good = checkpointOf(exploreSync(regions(4), { ...four, maxStates: 100 }));
    const refuse = (resume: Uint8Array, n = 4) => {
      const result = exploreSync(regions(n), { events: eventsOf(n) as never, resume });
      expect(result).toMatchObject({
        verdict: 'refused',
        refusals: [{ place: 'options.resume' }],
      });
    };
    refuse(good, 5);
    refuse(new Uint8Array(0));
    refuse(new Uint8Array(100));
    refuse(good.slice(0, good.length - 1));
    for (const at of [0, 5, 9, 200, good.length - 2]) {
      const bytes = good.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      refuse(bytes);
    }
  });
});
