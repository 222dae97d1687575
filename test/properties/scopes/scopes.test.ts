import { describe, expect, test } from 'vitest';
import { loadScopes } from '../../../properties/scope.ts';
import { defaultDesign } from '../../../src/design/design.ts';
import { SAFEST } from '../../../src/design/policies.ts';
import { COUNTS } from './counts.ts';
import { exhausted, scopeOf } from './exhaust.ts';

/** Those that take seconds; `npm run scopes` exhausts all of them. */
const QUICK = ['channel', 'ioreq'] as const;

describe('a scope', () => {
  test('has its counts written down', async () => {
    expect((await loadScopes()).map((s) => s.id).sort()).toEqual(Object.keys(COUNTS).sort());
  });

  test.each(QUICK)('%s is exhausted, holds, and has so many states', async (id) => {
    const result = await exhausted(await scopeOf(id));
    expect(result.verdict).toBe('holds');
    expect(result).toMatchObject(COUNTS[id] ?? {});
  });

  test('without all orders of events comes to the same verdict', async () => {
    // Promises are about runs, of which a reduction leaves some out.
    const reduced = await exhausted(await scopeOf('channel'), {
      leadsTo: {},
      fairness: {},
      reductions: ['por'],
    });
    expect(reduced.verdict).toBe('holds');
    expect(reduced.states).toBeLessThanOrEqual(COUNTS['channel']?.states ?? 0);
  });

  test('in which tasklets are left behind is found to break, on a shortest way', async () => {
    const scope = await scopeOf('tasklet');
    const design = { ...defaultDesign, policies: { ...SAFEST, Q2: 'abandon' as const } };
    const result = await exhausted({ ...scope, designs: [{ name: 'Q2=abandon', design }] });
    expect(result.verdict).toBe('violated');
    expect(result).toMatchObject({ property: { kind: 'always', name: 'I2.1' } });
  });
});
