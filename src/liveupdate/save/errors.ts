/** Why a save cannot be done. It is before the point of no return, so the update is only refused. */
import type { StreamError } from '../../stream/errors.ts';
import { describeStreamError, sourcesOfStreamError } from '../../stream/errors.ts';

export interface SaveError {
  /** Null: the host itself. */
  readonly domid: number | null;
  readonly what: string;
  readonly sources: readonly string[];
}

/** The stream could not be written: a value of the host does not fit its field. */
export const cannotWrite = (error: StreamError): SaveError => ({
  domid: error.kind === 'body' ? error.domid : null,
  what: describeStreamError(error),
  sources: sourcesOfStreamError(error),
});
