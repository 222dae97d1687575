/** What there is to say of a kind of record, as data. */
import type { Schema } from '../schema/schema.ts';
import type { RecordName } from './types.ts';

/** Where a record stands: before all domains, in one domain's block, or as a mark between. */
export type Scope = 'global' | 'domain' | 'mark';

/**
 * How often it stands there: once, once or not at all, or at most once for
 * each vCPU; the body of the last kind begins with the vCPU's id.
 */
export type Presence = 'always' | 'optional' | 'per-vcpu';

interface RecordDoc {
  /** What the record says. */
  readonly what: string;
  /** Why it must be in the stream: what the guest would lose. */
  readonly why: string;
  /** Fact ids and public headers. */
  readonly sources: readonly string[];
}

export interface RecordDefinition<
  N extends RecordName = RecordName,
  S extends Scope = Scope,
  P extends Presence = Presence,
  B = unknown,
> {
  readonly name: N;
  readonly scope: S;
  readonly presence: P;
  readonly doc: RecordDoc;
  readonly schema: Schema<B>;
  /** Records that must have come before it in the same block. */
  readonly needs: readonly RecordName[];
  /** Records that come before it where they exist at all. */
  readonly follows: readonly RecordName[];
  /** Sources of `needs` and `follows`: the rules of section 11 by number. */
  readonly orderSources: readonly string[];
}

type Draft<N extends RecordName, S extends Scope, P extends Presence, B> = Omit<
  RecordDefinition<N, S, P, B>,
  'needs' | 'follows' | 'orderSources'
> &
  Partial<Pick<RecordDefinition, 'needs' | 'follows' | 'orderSources'>>;

/** A definition with its literal types kept; without order rules where it names none. */
export const defineRecord = <
  const N extends RecordName,
  const S extends Scope,
  const P extends Presence,
  B,
>(
  draft: Draft<N, S, P, B>,
): RecordDefinition<N, S, P, B> => ({ needs: [], follows: [], orderSources: [], ...draft });
