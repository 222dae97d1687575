import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exploreSync } from '../../src/explore/index.ts';
import { traverse } from './oracle.ts';
import { EVENTS, randomMachine } from './random.ts';

/** The counts of XState's traversal; undefined if XState goes round in circles. */
function wanted(machine: Parameters<typeof traverse>[0]) {
  try {
    return traverse(machine, EVENTS);
  } catch {
    return undefined;
  }
}

test('random charts: the same states and transitions as XState', () => {
  const outcomes = { same: 0, endless: 0, illegal: 0 };
  for (let seed = 1; seed <= 600; seed++) {
    const [drawn] = fc.sample(randomMachine, { seed, numRuns: 1 });
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
    }
  }
  // Histories of a state that is left and entered in one step confuse XState.
  expect(outcomes.illegal).toBeLessThan(6);
  expect(outcomes.same).toBeGreaterThan(480);
});
