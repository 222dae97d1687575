import { expect, test } from 'vitest';
import { COUNTS } from './counts.ts';
import { exhausted, scopeOf } from './exhaust.ts';

test.each(Object.entries(COUNTS))('%s', { timeout: 1_200_000 }, async (id, counts) => {
  const result = await exhausted(await scopeOf(id));
  expect(result.verdict).toBe('holds');
  expect(result).toMatchObject(counts);
});

test('a scope is the same if every function is run twice', { timeout: 600_000 }, async () => {
  const result = await exhausted(await scopeOf('destroy'), { compare: 'each' });
  expect(result.verdict).toBe('holds');
  expect(result).toMatchObject(COUNTS['destroy'] ?? {});
});
