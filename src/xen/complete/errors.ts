/** Why no consistent host can be made out of a reading. */
import type { Place } from '../capture/reading.ts';

/** A line, or a whole file that has no lines. */
export type ErrorPlace = Place | { readonly file: string; readonly line: undefined };

export type CompletionErrorKind =
  /** The dump lists no domain at all. */
  | 'no-domains'
  /** A domid is listed twice, or is none of an ordinary domain. */
  | 'bad-domid'
  /** vCPU ids of a domain are not 0, 1, 2 ... (F2.4). */
  | 'bad-vcpus'
  /** Frames, or the pages of all domains, lie beyond what may be modelled. */
  | 'too-large'
  /** RAM does not hold what the dump says is in it. */
  | 'no-memory'
  /** More grant mappings than the grantee may have handles for. */
  | 'too-many-mappings'
  /** A guest that was given cannot be the domain that it is given for. */
  | 'guest-misfit'
  /** Older than every version that is described. */
  | 'unknown-version'
  /** The references of a page ask for two types at once: a fault of the completion. */
  | 'conflict';

export interface CompletionError {
  readonly kind: CompletionErrorKind;
  readonly what: string;
  /** What the user can do about it. */
  readonly hint: string;
  readonly place: ErrorPlace | null;
}

export const completionError = (
  kind: CompletionErrorKind,
  what: string,
  hint: string,
  place: ErrorPlace | null = null,
): CompletionError => ({
  kind,
  what,
  hint,
  place: place === null ? null : ({ file: place.file, line: place.line } as ErrorPlace),
});
