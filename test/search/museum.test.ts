/**
 * The museum: each real bug is noticed by every invariant that it names, with
 * a trace; the real machine breaks nothing in the same scope. And nothing
 * that an invariant says is empty.
 */
import { describe, expect, test } from 'vitest';
import { loadMutants, mutated } from '../../properties/mutant.ts';
import { loadInvariants } from '../../properties/registry.ts';
import { loadScenarios } from '../../properties/scenario.ts';
import { defaultDesign } from '../../src/design/design.ts';
import { RULES } from '../../src/design/rules.ts';
import { exhibit, exhibitBug, mutantIds, mutantOfRule } from '../../src/search/museum.ts';
import { replay } from '../../src/search/replay.ts';
import { requestOf } from '../../src/search/scenario-search.ts';
import { search } from '../../src/search/search.ts';
import { whatIsMet } from '../../src/search/vacuity.ts';

const [invariants, scenarios, mutants] = await Promise.all([
  loadInvariants(),
  loadScenarios(),
  loadMutants(),
]);

/** Numbers of the bugs that the museum's list has. */
const BUGS = [1, 2, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 17, 18, 19, 20, 22, 23, 25, 26, 27, 29];

test('every bug of the list is a mutant and names its number and where it was', () => {
  const numbers = mutants.flatMap((m) => {
    const found = /^museum (\d+): \S+/.exec(m.source);
    return found === null ? [] : [Number(found[1])];
  });
  expect(numbers.sort((a, b) => a - b)).toEqual(BUGS);
});

test('every rule of the design is a mutant when it is dropped', () => {
  const ids = mutantIds(mutants);
  expect(ids).toEqual(expect.arrayContaining(RULES.map((r) => mutantOfRule(r.id))));
  expect(ids).toHaveLength(mutants.length + RULES.length);
  const material = { mutants, scenarios, invariants };
  expect(exhibit('without R3', material)?.killedBy).toContain('RUN-1');
  expect(exhibit('without R99', material)).toBeNull();
});

describe.each(mutants.map((m) => [m.id, m] as const))('%s', (_id, m) => {
  test('on the real machine its scope breaks nothing, and is exhausted', () => {
    const r = search(requestOf(m, defaultDesign, invariants));
    expect(r.offenders).toEqual([]);
    expect(r.verdict).toBe('holds');
  });

  test('is noticed by each invariant that it names', () => {
    const e = exhibitBug(m, invariants);
    expect(e.missed).toEqual([]);
    expect(e.killedBy).toEqual(expect.arrayContaining([...m.kills]));
    expect(e.trace.length).toBeGreaterThan(0);
    expect(e.offenders.length).toBeGreaterThan(0);
    const again = e.replay === null ? [] : replay(e.replay, { machine: mutated(m), invariants });
    expect(again).toMatchObject({ offenders: e.offenders });
  });
});

test('no invariant looks at nothing', () => {
  const met = whatIsMet({ invariants, scenarios, mutants });
  expect(met.map((m) => m.id)).toEqual(invariants.map((i) => i.id));
  expect(met.filter((m) => m.checked === 0).map((m) => m.id)).toEqual([]);
});
