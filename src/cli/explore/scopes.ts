/** The scopes that can be explored by name. */
import type { Subject } from './subject.ts';

/** Where scopes are found by their names. */
export interface Scopes {
  /** Each scope with one line on what it holds. */
  readonly list: () => Promise<readonly { readonly name: string; readonly summary: string }[]>;
  /** Makes a scope; null if none has this name. */
  readonly find: (name: string) => Promise<Subject | null>;
}

/** Another thread, or a later run, would give the parts of hosts other numbers. */
const NUMBERED = 'numbers the parts of its hosts as it meets them';

// The model is read only when a scope is asked for: a FILE does without it.
const loadScopes = async () => (await import('../../../properties/scope.ts')).loadScopes();

export const SCOPES: Scopes = {
  list: async () => (await loadScopes()).map(({ id, title }) => ({ name: id, summary: title })),
  find: async (name) => {
    const scope = (await loadScopes()).find(({ id }) => id === name);
    if (scope === undefined) return null;
    const { exploring } = await import('../../../properties/scope.ts');
    const { loadInvariants } = await import('../../../properties/registry.ts');
    return { ...exploring(scope, await loadInvariants()), alone: NUMBERED };
  },
};
