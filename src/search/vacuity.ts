/**
 * How often each invariant had something to look at. An invariant whose
 * antecedent is never met says nothing, however often it holds: here is
 * counted over how many objects each was evaluated, in the scopes of all
 * scenarios and mutants and in general ones, on the real machine under the
 * default design.
 */
import type { Invariant } from '../../properties/invariant.ts';
import type { Mutant } from '../../properties/mutant.ts';
import type { Scenario } from '../../properties/scenario.ts';
import { defaultDesign } from '../design/design.ts';
import { GENERAL } from './general-scopes.ts';
import { requestOf } from './scenario-search.ts';
import { search } from './search.ts';

/** Nodes that one scope may take: what it shows it shows soon. */
const MAX_STATES_OF_A_SCOPE = 500;

export interface Met {
  readonly id: string;
  readonly title: string;
  /** Objects that it was evaluated over, in all scopes together. */
  readonly checked: number;
  /** Scopes in which it had anything to look at, of all that there are. */
  readonly scopes: number;
  readonly ofScopes: number;
  /** Mutants and scenarios whose authors say that it notices them. */
  readonly notices: readonly string[];
}

interface Material {
  readonly invariants: readonly Invariant[];
  readonly scenarios: readonly Scenario[];
  readonly mutants: readonly Mutant[];
  readonly onProgress?: (scope: string) => void;
}

/** What each invariant met, by the order of their ids. */
export const whatIsMet = ({ invariants, scenarios, mutants, onProgress }: Material): Met[] => {
  const scopes = [...GENERAL, ...scenarios, ...mutants];
  const checked = new Map<string, number>();
  const seenIn = new Map<string, Set<string>>();
  for (const scope of scopes) {
    onProgress?.(scope.id);
    search({
      ...requestOf(scope, defaultDesign, invariants),
      maxStates: MAX_STATES_OF_A_SCOPE,
      onJudged: (said) => {
        for (const { id, checked: n } of said) {
          if (n === 0) continue;
          checked.set(id, (checked.get(id) ?? 0) + n);
          const seen = seenIn.get(id) ?? new Set();
          seenIn.set(id, seen.add(scope.id));
        }
      },
    });
  }
  return invariants.map(({ id, title }) => ({
    id,
    title,
    checked: checked.get(id) ?? 0,
    scopes: seenIn.get(id)?.size ?? 0,
    ofScopes: scopes.length,
    notices: [
      ...mutants.filter((m) => m.kills.includes(id)).map((m) => m.id),
      ...scenarios.filter((s) => s.violates === id).map((s) => s.id),
    ],
  }));
};
