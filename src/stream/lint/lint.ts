/** Lints a stream of whichever of the given formats it is. */
import * as E from 'fp-ts/lib/Either.js';
import { ByteCursor, type ByteSource } from '../framing/byte-source.ts';
import type { Format } from './format.ts';
import { recognised } from './recognise.ts';
import { type LintReport, ReportSink } from './report.ts';
import { StreamWalk } from './walk.ts';

/**
 * Goes through the whole stream and reports every record and every broken
 * rule. Never fails: an unreadable stream is a report with an error and
 * `end: 'stopped'`. Time is linear in the stream's length; memory is bounded
 * by the longest record that has to be held, at most 128 MiB (F1.13).
 */
export const lintFormats = async (
  source: ByteSource,
  formats: readonly Format[],
): Promise<LintReport> => {
  const cursor = new ByteCursor(source);
  const sink = new ReportSink();
  const found = await recognised(cursor, formats);
  if (E.isLeft(found)) {
    sink.finding('stream', 'header', found.left);
    await cursor.close();
    return sink.report('unknown', cursor, 'stopped');
  }
  const end = await new StreamWalk(cursor, sink).run(found.right);
  await cursor.close();
  return sink.report(found.right.name, cursor, end);
};
