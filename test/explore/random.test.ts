import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exploreSync } from '../../src/explore/index.ts';
import { traverse } from './oracle.ts';
import { EVENTS, randomMachine } from './random.ts';

test('random charts: the same states and transitions as XState', () => {
  let compared = 0;
  fc.assert(
    fc.property(randomMachine, ({ machine }) => {
      const got = exploreSync(machine, { events: EVENTS as never });
      let want: ReturnType<typeof traverse>;
      try {
        want = traverse(machine, EVENTS);
      } catch {
        // XState goes round in circles; so must the explorer say.
        expect(got.verdict).toBe('error');
        return;
      }
      expect(got).toMatchObject({ verdict: 'holds' });
      const { states, edges, depth } = got;
      expect({ states, taken: edges.taken, moved: edges.moved, depth }).toEqual(want);
      compared++;
    }),
    { numRuns: Number(process.env['RUNS'] ?? 300), seed: Number(process.env['SEED'] ?? 7), endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(100);
});
