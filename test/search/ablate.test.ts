/**
 * How `xen-lu ablate` searches. That the loss of every rule is noticed is
 * shown by `scenarios.test.ts`: each is dropped by a scenario.
 */
import { expect, test } from 'vitest';
import { loadInvariants } from '../../properties/registry.ts';
import { loadScenarios } from '../../properties/scenario.ts';
import { POLICIES, SAFEST } from '../../src/design/policies.ts';
import { RULES } from '../../src/design/rules.ts';
import { ablateRule } from '../../src/search/ablate.ts';
import { scopesOfAnswers, scopesOfRule } from '../../src/search/general-scopes.ts';

const [scenarios, invariants] = [await loadScenarios(), await loadInvariants()];

test('every rule is dropped by a scenario, which scenarios.test.ts finds broken', () => {
  const dropped = new Set(scenarios.flatMap((s) => s.drop ?? []));
  expect(RULES.map((r) => r.id).filter((id) => !dropped.has(id))).toEqual([]);
});

test('R44 shows its loss beside another fault only, and says which', () => {
  // Of all scenarios those that can show it; the general hosts are searched as well.
  const about = scenarios.filter((s) => s.drop?.includes('R44') === true).slice(0, 3);
  const found = ablateRule('R44', { scenarios: about, invariants });
  expect(found.verdict).toBe('violated');
  const { drop = [], policy = {} } = found.beside ?? {};
  expect(drop).not.toContain('R44');
  expect(drop.length + Object.keys(policy).length).toBeGreaterThan(0);
});

test('a rule is searched where a scenario drops it, and no further when that breaks', () => {
  const found = ablateRule('F8.14.scrub', { scenarios, invariants });
  expect(found).toMatchObject({ verdict: 'violated', scope: 'X8', violates: ['SCRUB-1'] });
  expect(found.searched.scopes).toBe(1);
  expect(found.beside).toBeUndefined();
});

test('what is about a rule is searched first, then the general hosts, and every scenario once', () => {
  const groups = scopesOfRule(scenarios, 'R14').map((g) => g.map((s) => s.id));
  expect(groups[0]).toEqual(['S6']);
  expect(groups.flat()).toEqual(expect.arrayContaining(['mixed', 'S1', 'X4']));
  expect(new Set(groups.flat()).size).toBe(groups.flat().length);
});

test('every question has a scope of its own, and its default answer comes first', () => {
  for (const [q, { answers }] of Object.entries(POLICIES)) {
    expect([q, scopesOfAnswers(scenarios, { [q]: 'any' })[0]?.length]).not.toEqual([q, 0]);
    expect(Object.keys(answers)[0]).toBe(SAFEST[q as keyof typeof SAFEST]);
  }
});
