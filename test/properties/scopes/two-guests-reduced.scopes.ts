/** The largest scope with partial-order reduction, which takes minutes: not in every run of CI. */
import { expect, test } from 'vitest';
import { COUNTS } from './counts.ts';
import { exhausted, scopeOf } from './exhaust.ts';

test('two-guests holds with reductions as without', { timeout: 3_600_000 }, async () => {
  const bare = { leadsTo: {}, fairness: {}, reductions: ['por'] } as const;
  const reduced = await exhausted(await scopeOf('two-guests'), bare);
  expect(reduced.verdict).toBe('holds');
  expect(reduced.states).toBeLessThanOrEqual(COUNTS['two-guests']?.states ?? 0);
});
