/**
 * The verdict of every scope with and without partial-order reduction.
 * Promises are about runs, of which a reduction leaves some out: without them.
 */
import { expect, test } from 'vitest';
import { designWith } from '../../../properties/scope-answers.ts';
import type { Policies } from '../../../src/design/policies.ts';
import { COUNTS } from './counts.ts';
import { exhausted, scopeOf } from './exhaust.ts';

const BARE = { leadsTo: {}, fairness: {} } as const;

const cases: readonly (readonly [id: string, policies: Partial<Policies>])[] = [
  ...Object.keys(COUNTS)
    .filter((id) => id !== 'two-guests')
    .map((id) => [id, {}] as const),
  ['ioreq', { Q1: 'pause' }],
  ['tasklet', { Q2: 'abandon' }],
  ['destroy', { Q3: 'drop' }],
  ['reset', { Q4: 'drop' }],
  ['any-order', { Q6: 'copy' }],
];

test.each(cases)('%s %o', { timeout: 600_000 }, async (id, policies) => {
  const scope = { ...(await scopeOf(id)), designs: [designWith(policies)] };
  const whole = await exhausted(scope, BARE);
  const reduced = await exhausted(scope, { ...BARE, reductions: ['por'] });
  expect(whole.verdict).toBe(Object.keys(policies).length === 0 ? 'holds' : 'violated');
  expect(reduced.verdict).toBe(whole.verdict);
  expect(reduced.states).toBeLessThanOrEqual(whole.states);
  // What is broken first is told by a shortest way; a reduced one may meet another first.
  if (whole.verdict === 'violated') expect(reduced).toMatchObject({ property: { kind: 'always' } });
});
