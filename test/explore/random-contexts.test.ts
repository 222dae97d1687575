import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exploreSync } from '../../src/explore/index.ts';
import { traverse } from './oracle.ts';
import { contextMachine } from './random-contexts.ts';

/** Machines with more states are passed over: XState's traversal takes too long. */
const MOST = 400;
const SEEDS = 150;

test('random contexts: the same states and transitions as XState', () => {
  let compared = 0;
  let met = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const [drawn] = fc.sample(contextMachine, { seed, numRuns: 1 });
    if (drawn === undefined) throw new Error('nothing drawn');
    const { machine, events } = drawn;
    const got = exploreSync(machine, { events, maxStates: MOST } as never);
    if (got.verdict === 'incomplete') continue;
    const { verdict, states, edges, depth } = got;
    const mine = { seed, verdict, states, taken: edges.taken, moved: edges.moved, depth };
    expect(mine).toEqual({ seed, verdict: 'holds', ...traverse(machine, events) });
    compared++;
    met += states;
  }
  expect(compared).toBeGreaterThan(130);
  expect(met).toBeGreaterThan(4000);
});
