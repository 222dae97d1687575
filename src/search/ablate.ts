/** What breaks when a rule is dropped, or a question answered otherwise. */
import type { Invariant } from '../../properties/invariant.ts';
import type { Scenario } from '../../properties/scenario.ts';
import { type Design, defaultDesign, without } from '../design/design.ts';
import type { Policies } from '../design/policies.ts';
import type { RuleId } from '../design/rules.ts';
import type { WorldEvent } from '../world/world.ts';
import { scopesFor } from './general-scopes.ts';
import type { SearchResult } from './request.ts';
import { requestOf } from './scenario-search.ts';
import { search } from './search.ts';

/** Nodes that each scope may take. */
const MAX_STATES_OF_A_SCOPE = 3000;

export interface Searched {
  readonly scopes: number;
  readonly states: number;
  readonly transitions: number;
  /** Scopes that were not exhausted. */
  readonly incomplete: readonly string[];
  /** Updates over all scopes, by their ends. */
  readonly done: number;
  readonly refused: number;
  readonly crashed: number;
  readonly waiting: number;
}

export interface Ablation {
  /** `violated`, `holds` in the searched scopes, or `incomplete`. */
  readonly verdict: SearchResult['verdict'];
  readonly violates: readonly string[];
  readonly offenders: readonly string[];
  /** The scope of the trace; null: nothing broke. */
  readonly scope: string | null;
  /** The shortest over all scopes. */
  readonly trace: readonly WorldEvent[];
  readonly searched: Searched;
}

interface Material {
  readonly scenarios: readonly Scenario[];
  readonly invariants: readonly Invariant[];
  readonly onProgress?: (what: string) => void;
}

/** Searches every scope under a design; those about `rule` first. */
export const searchDesign = (design: Design, rule: RuleId | null, m: Material): Ablation => {
  let best: { readonly scope: string; readonly result: SearchResult } | null = null;
  const incomplete: string[] = [];
  const sum = { states: 0, transitions: 0, done: 0, refused: 0, crashed: 0, waiting: 0 };
  const scopes = scopesFor(m.scenarios, rule);
  for (const scope of scopes) {
    m.onProgress?.(scope.id);
    const request = requestOf(scope, design, m.invariants);
    const result = search({ ...request, maxStates: MAX_STATES_OF_A_SCOPE });
    sum.states += result.states;
    sum.transitions += result.transitions;
    sum.done += result.ends.done;
    sum.refused += result.ends.refused;
    sum.crashed += result.ends.crashed;
    sum.waiting += result.ends.stuck;
    if (result.verdict === 'incomplete') incomplete.push(scope.id);
    const shorter = best === null || result.trace.length < best.result.trace.length;
    if (result.verdict === 'violated' && shorter) best = { scope: scope.id, result };
  }
  return {
    verdict: best !== null ? 'violated' : incomplete.length > 0 ? 'incomplete' : 'holds',
    violates: best?.result.violates ?? [],
    offenders: best?.result.offenders ?? [],
    scope: best?.scope ?? null,
    trace: best?.result.trace ?? [],
    searched: { scopes: scopes.length, ...sum, incomplete },
  };
};

/** Drops a rule. Where R44's verification hides the damage behind its crash, that is what breaks. */
export const ablateRule = (rule: RuleId, m: Material): Ablation =>
  searchDesign(without(defaultDesign, rule), rule, m);

/** Answers one question otherwise. */
export const ablatePolicy = (answer: Partial<Policies>, m: Material): Ablation =>
  searchDesign({ ...defaultDesign, policies: { ...defaultDesign.policies, ...answer } }, null, m);
