/** The linter for the streams that real Xen writes, and for others beside. */
import type { ByteSource } from '../../stream/framing/byte-source.ts';
import { decompressed } from '../../stream/framing/xz.ts';
import type { Format } from '../../stream/lint/format.ts';
import { lintFormats } from '../../stream/lint/lint.ts';
import type { LintReport } from '../../stream/lint/report.ts';
import { saveFormats } from './save-stream.ts';

/**
 * Lints a migration stream, or one of the `others` (the Live Update stream),
 * plain or compressed with xz. The report says all there is to say: this
 * never fails. See `lintFormats` for the bounds on time and memory.
 */
export const lintStream = (
  source: ByteSource,
  others: readonly Format[] = [],
): Promise<LintReport> => lintFormats(decompressed(source), [...others, ...saveFormats()]);
