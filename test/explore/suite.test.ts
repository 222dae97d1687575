import { describe, expect, test } from 'vitest';
import { exploreSync } from '../../src/explore/index.ts';
import { copies } from './machines/copies.ts';
import { odd } from './machines/odd.ts';
import { suite } from './machines/suite.ts';
import { traverse } from './oracle.ts';

describe('every construct: the same states and transitions as XState', () => {
  for (const { name, machine, events, input } of [...suite, ...odd, ...copies]) {
    test(name, () => {
      const want = traverse(machine, events, input);
      const got = exploreSync(machine, { events: events as never, input });
      expect(got).toMatchObject({ verdict: 'holds' });
      const { states, edges, depth } = got;
      expect({ states, taken: edges.taken, moved: edges.moved, depth }).toEqual(want);
    });
  }
});
