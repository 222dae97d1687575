/** The scopes that can be explored by name. */
import { type Either, left, map } from 'fp-ts/lib/Either.js';
import type { Policies } from '../../design/policies.ts';
import { policiesOf } from '../design-arguments.ts';
import type { Subject } from './subject.ts';

/** What is the name of a file, and of no scope. */
export const IS_FILE = /[/\\]|\.[cm]?[jt]s$/;

/** Where scopes are found by their names. */
export interface Scopes {
  /** Each scope with one line on what it holds. */
  readonly list: () => Promise<readonly { readonly name: string; readonly summary: string }[]>;
  /** Makes a scope; null if none has this name. */
  readonly find: (name: string) => Promise<Subject | null>;
}

// The model is read only when a scope is asked for: a FILE does without it.
const loadScopes = async () => (await import('../../../properties/scope.ts')).loadScopes();

/** The scopes under a design that answers these questions otherwise. */
const scopesUnder = (policies: Partial<Policies>): Scopes => ({
  list: async () => (await loadScopes()).map(({ id, title }) => ({ name: id, summary: title })),
  find: async (name) => {
    const scope = (await loadScopes()).find(({ id }) => id === name);
    if (scope === undefined) return null;
    const { exploring } = await import('../../../properties/scope.ts');
    const { designWith } = await import('../../../properties/scope-answers.ts');
    const { loadInvariants } = await import('../../../properties/registry.ts');
    const designs = Object.keys(policies).length === 0 ? scope.designs : [designWith(policies)];
    return { ...exploring({ ...scope, designs }, await loadInvariants()), ownNumbers: true };
  },
});

/**
 * The scopes under the answers of a command line ("Q2=abandon").
 *
 * @returns left with what is wrong with an answer, or where it cannot matter
 */
export const scopesFor = (name: string, answers: readonly string[]): Either<string, Scopes> =>
  IS_FILE.test(name) && answers.length > 0
    ? left('--policy is for a SCOPE; a FILE has no design')
    : map(scopesUnder)(policiesOf(answers));

/** The scopes under the designs that they name. */
export const SCOPES: Scopes = scopesUnder({});
