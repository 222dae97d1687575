import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exploreSync } from '../../src/explore/index.ts';
import { traverse } from './oracle.ts';
import { EVENTS, randomMachine, richMachine } from './random.ts';

/** The counts of XState's traversal; undefined if XState goes round in circles. */
function wanted(machine: Parameters<typeof traverse>[0]) {
  try {
    return traverse(machine, EVENTS);
  } catch {
    return undefined;
  }
}

/** Explores what was drawn for each seed and compares it with XState's traversal. */
function compareAll(charts: typeof randomMachine, seeds: number) {
  const outcomes = { same: 0, endless: 0, illegal: 0, states: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const [drawn] = fc.sample(charts, { seed, numRuns: 1 });
    if (drawn === undefined) throw new Error('nothing drawn');
    const got = exploreSync(drawn.machine, { events: EVENTS as never });
    const want = wanted(drawn.machine);
    if (want === undefined) {
      expect({ seed, verdict: got.verdict }).toEqual({ seed, verdict: 'error' });
      outcomes.endless++;
    } else if (got.verdict === 'error' && got.fault.kind === 'illegal') {
      outcomes.illegal++;
    } else {
      const { verdict, states, edges, depth } = got;
      const mine = { states, taken: edges.taken, moved: edges.moved, depth };
      expect({ seed, verdict, ...mine }).toEqual({ seed, verdict: 'holds', ...want });
      outcomes.same++;
      outcomes.states += states;
    }
  }
  return outcomes;
}

describe('random charts: the same states and transitions as XState', () => {
  test('of any form', () => {
    const { same, illegal } = compareAll(randomMachine, 200);
    // Histories of a state that is left and entered in one step confuse XState.
    expect(illegal).toBeLessThan(4);
    expect(same).toBeGreaterThan(160);
  });

  test('in which much happens', () => {
    const { same, illegal, states } = compareAll(richMachine, 120);
    expect(illegal).toBeLessThan(4);
    expect(same).toBeGreaterThan(80);
    expect(states).toBeGreaterThan(1200);
  });
});
