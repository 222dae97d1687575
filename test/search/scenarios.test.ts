/**
 * Every surprising interaction is found by the search when its rule is
 * dropped or its question answered its way, and by the whole of its scope
 * under the default design nothing is broken.
 */
import { describe, expect, test } from 'vitest';
import { loadInvariants } from '../../properties/registry.ts';
import { loadScenarios } from '../../properties/scenario.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { designOf, requestOf } from '../../src/search/scenario-search.ts';
import { search } from '../../src/search/search.ts';

const invariants = await loadInvariants();
const scenarios = await loadScenarios();

describe.each(scenarios.map((s) => [s.id, s] as const))('%s', (_id, s) => {
  test('the default design exhausts the scope and breaks nothing', () => {
    const r = search(requestOf(s, defaultDesign, invariants));
    expect(r.offenders).toEqual([]);
    expect(r.verdict).toBe('holds');
  });

  // A control has nothing to find.
  if (s.violates === null) return;
  const until = s.violates;
  test('without its rule the search finds what breaks', () => {
    const r = search({ ...requestOf(s, designOf(s), invariants), until });
    expect(r.verdict, JSON.stringify([r.ends, r.refusals])).toBe('violated');
    expect(r.violates, r.offenders.join('\n')).toContain(until);
    expect(r.trace.length).toBeGreaterThan(0);
  });
});
