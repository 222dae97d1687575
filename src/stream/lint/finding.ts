/** What a linter says about one place of a stream. */
import type { FramingError } from '../framing/errors.ts';
import { describeFramingError, ruleOfFramingError } from '../framing/errors.ts';

/**
 * - `error`: a reader has to refuse the stream
 * - `warning`: the writer broke a rule that readers pass over
 * - `note`: lawful, and worth knowing
 */
export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly severity: Severity;
  /** Byte offset in the stream of what is wrong. */
  readonly offset: number;
  /** Id of the fact that is broken, as `F10.5`. */
  readonly rule: string;
  readonly message: string;
}

/** A finding with the place where the linter was. */
export interface PlacedFinding extends Finding {
  /** Name of the layer, as `libxc`. */
  readonly layer: string;
  /** Name of the record, or `header`. */
  readonly record: string;
}

/** What judging a record's body gives: lines of meaning, and what is wrong. */
export interface Judgement {
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
}

/** A framing error as a finding; only bad padding leaves a stream readable. */
export const findingOf = (error: FramingError): Finding => ({
  severity: error.kind === 'nonzero-padding' ? 'warning' : 'error',
  offset: error.offset,
  rule: ruleOfFramingError(error),
  message: describeFramingError(error),
});
