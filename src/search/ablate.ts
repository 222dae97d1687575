/** What breaks when a rule is dropped, or a question answered otherwise. */
import type { Invariant } from '../../properties/invariant.ts';
import type { Scenario } from '../../properties/scenario.ts';
import { type Design, defaultDesign, without } from '../design/design.ts';
import type { Policies } from '../design/policies.ts';
import type { RuleId } from '../design/rules.ts';
import type { WorldEvent } from '../world/world.ts';
import { type Groups, type Scope, scopesOfAnswers, scopesOfRule } from './general-scopes.ts';
import type { SearchResult } from './request.ts';
import { designOf, requestOf } from './scenario-search.ts';
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
  /** Domains that a crash took with it, over all updates. */
  readonly lost: number;
  /** Steps of xen#1 between request and save: fewest and most; null: no update came so far. */
  readonly quiesce: { readonly min: number; readonly max: number } | null;
}

export interface Ablation {
  /** `violated`, `holds` in the searched scopes, or `incomplete`. */
  readonly verdict: SearchResult['verdict'];
  readonly violates: readonly string[];
  readonly offenders: readonly string[];
  /** The scope of the trace; null: nothing broke. */
  readonly scope: string | null;
  /** The shortest over the scopes that were searched. */
  readonly trace: readonly WorldEvent[];
  /** The second fault beside which alone the loss shows; absent: none is needed. */
  readonly beside?: { readonly drop: readonly string[]; readonly policy: Partial<Policies> };
  readonly searched: Searched;
}

interface Material {
  readonly scenarios: readonly Scenario[];
  readonly invariants: readonly Invariant[];
  readonly onProgress?: (what: string) => void;
}

type Best = { readonly scope: string; readonly result: SearchResult };

/** Collects what the searches of many scopes found. */
class Tally {
  best: Best | null = null;
  #scopes = 0;
  readonly #incomplete: string[] = [];
  readonly #sum = {
    ...{ states: 0, transitions: 0, done: 0, refused: 0, crashed: 0, waiting: 0, lost: 0 },
  };
  #quiesce: Searched['quiesce'] = null;

  add(scope: string, r: SearchResult): void {
    this.#scopes++;
    this.#sum.states += r.states;
    this.#sum.transitions += r.transitions;
    this.#sum.done += r.ends.done;
    this.#sum.refused += r.ends.refused;
    this.#sum.crashed += r.ends.crashed;
    this.#sum.waiting += r.ends.stuck;
    this.#sum.lost += r.ends.lost;
    if (r.quiesce !== null)
      this.#quiesce = {
        min: Math.min(this.#quiesce?.min ?? r.quiesce.min, r.quiesce.min),
        max: Math.max(this.#quiesce?.max ?? 0, r.quiesce.max),
      };
    if (r.verdict === 'incomplete') this.#incomplete.push(scope);
    const shorter = this.best === null || r.trace.length < this.best.result.trace.length;
    if (r.verdict === 'violated' && shorter) this.best = { scope, result: r };
  }

  result(): Ablation {
    const { best } = this;
    const incomplete = this.#incomplete;
    return {
      verdict: best !== null ? 'violated' : incomplete.length > 0 ? 'incomplete' : 'holds',
      violates: best?.result.violates ?? [],
      offenders: best?.result.offenders ?? [],
      scope: best?.scope ?? null,
      trace: best?.result.trace ?? [],
      searched: { scopes: this.#scopes, ...this.#sum, quiesce: this.#quiesce, incomplete },
    };
  }
}

const searchScope = (scope: Scope, design: Design, m: Material, exhaust = false): SearchResult => {
  m.onProgress?.(scope.id);
  const request = requestOf(scope, design, m.invariants);
  return search({ ...request, exhaust, maxStates: MAX_STATES_OF_A_SCOPE });
};

/** Group after group, to the end of the first in which something breaks. */
const searchGroups = (groups: Groups, design: Design, m: Material, tally: Tally): void => {
  for (const group of groups) {
    for (const scope of group) tally.add(scope.id, searchScope(scope, design, m));
    if (tally.best !== null) return;
  }
};

/**
 * A rule that only limits what another fault does: looked at beside the
 * faults of the scenarios that drop it together with others. The loss shows
 * if what breaks with the rule is not what breaks without it.
 */
const besideOthers = (rule: RuleId, m: Material, tally: Tally): Ablation | null => {
  for (const s of m.scenarios) {
    const drop = (s.drop ?? []).filter((r) => r !== rule);
    const policy = s.policy ?? {};
    const alone = drop.length === 0 && Object.keys(policy).length === 0;
    if (s.drop?.includes(rule) !== true || alone) continue;
    const kept = searchScope(s, { ...designOf(s), dropped: drop }, m);
    const lost = searchScope(s, designOf(s), m);
    if (lost.verdict !== 'violated' || lost.violates.join() === kept.violates.join()) continue;
    tally.best = null;
    tally.add(s.id, lost);
    return { ...tally.result(), beside: { drop, policy } };
  }
  return null;
};

/** Drops a rule; where nothing breaks, beside the faults that it guards against. */
export const ablateRule = (rule: RuleId, m: Material): Ablation => {
  const tally = new Tally();
  searchGroups(scopesOfRule(m.scenarios, rule), without(defaultDesign, rule), m, tally);
  return (tally.best === null ? besideOthers(rule, m, tally) : null) ?? tally.result();
};

const answering = (answer: Partial<Policies>): Design => ({
  ...defaultDesign,
  policies: { ...defaultDesign.policies, ...answer },
});

/** Answers one question otherwise. */
export const ablatePolicy = (answer: Partial<Policies>, m: Material): Ablation => {
  const tally = new Tally();
  searchGroups(scopesOfAnswers(m.scenarios, answer), answering(answer), m, tally);
  return tally.result();
};

/** The same for a comparison: every answer visits the whole of the same scopes, whatever breaks. */
export const compareAnswer = (answer: Partial<Policies>, m: Material): Ablation => {
  const tally = new Tally();
  const [about = [], general = []] = scopesOfAnswers(m.scenarios, answer);
  for (const scope of [...about, ...general])
    tally.add(scope.id, searchScope(scope, answering(answer), m, true));
  return tally.result();
};
