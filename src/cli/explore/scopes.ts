/** The scopes that can be explored by name. */
import type { Subject } from './subject.ts';

/** Where scopes are found by their names. */
export interface Scopes {
  /** Each scope with one line on what it holds. */
  readonly list: readonly { readonly name: string; readonly summary: string }[];
  /** Makes a scope; null if none has this name. */
  readonly find: (name: string) => Promise<Subject | null>;
}

export const SCOPES: Scopes = { list: [], find: async () => null };
