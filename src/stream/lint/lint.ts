/** Lints a stream of whichever of the given formats it is. */
import * as E from 'fp-ts/lib/Either.js';
import { ByteCursor, type ByteSource } from '../framing/byte-source.ts';
import { findingOf } from './finding.ts';
import { type Format, SNIFF_BYTES } from './format.ts';
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
  const first = await cursor.take(SNIFF_BYTES, 'stream header');
  if (E.isLeft(first)) {
    sink.finding('stream', 'header', findingOf(first.left));
    return closed(sink, 'unknown', cursor);
  }
  const taken = first.right.slice();
  const format = formats.find((candidate) => candidate.recognises(taken));
  if (format === undefined) {
    const known = formats.map((candidate) => candidate.name).join(', ');
    const message = `no stream of a known format (${known})`;
    sink.finding('stream', 'header', { severity: 'error', offset: 0, rule: 'F10.1', message });
    return closed(sink, 'unknown', cursor);
  }
  const end = await new StreamWalk(cursor, sink).run(format, taken);
  await cursor.close();
  return sink.report(format.name, cursor, end);
};

const closed = async (sink: ReportSink, format: string, cursor: ByteCursor) => {
  await cursor.close();
  return sink.report(format, cursor, 'stopped');
};
