/** Exhausts a scope and says what it came to. */
import { loadInvariants } from '../../../properties/registry.ts';
import { exploring, loadScopes, type Scope } from '../../../properties/scope.ts';
import { type Exploration, type ExploreOptions, exploreSync } from '../../../src/explore/index.ts';

export const scopeOf = async (id: string): Promise<Scope> => {
  const scope = (await loadScopes()).find((s) => s.id === id);
  if (scope === undefined) throw new Error(`no scope ${id}`);
  return scope;
};

export const exhausted = async (scope: Scope, more: ExploreOptions = {}): Promise<Exploration> => {
  const { machine, options } = exploring(scope, await loadInvariants());
  return exploreSync(machine, { ...options, ...more } as ExploreOptions);
};
