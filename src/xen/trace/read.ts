/** Reading a trace from wherever its bytes are. */
import { createReadStream } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import type { ByteSource } from '../../stream/framing/byte-source.ts';
import { systemReason } from '../../stream/framing/system-reason.ts';
import { decompressed } from '../../stream/framing/xz.ts';
import type { TraceError } from './errors.ts';
import type { TraceVisitor } from './merge.ts';
import { type ReadOptions, TraceReader, type TraceTotals } from './reader.ts';

const FILE_CHUNK = 256 * 1024;

/**
 * Reads a trace, plain or .xz, and shows its records to `visit` in the order
 * of their TSCs. Never throws because of the bytes; a visitor that throws
 * does so through this function.
 *
 * @param source the file's bytes in chunks of any size
 * @param visit sees each record but CPU_CHANGE and padding; may answer 'stop'
 * @returns the totals, or the first error, after all records before it
 */
export const readTrace = async (
  source: ByteSource,
  visit: TraceVisitor,
  options: ReadOptions = {},
): Promise<E.Either<TraceError, TraceTotals>> => {
  const reader = new TraceReader(visit, options);
  const chunks = decompressed(source);
  try {
    for (;;) {
      const next = await nextOf(chunks);
      if (E.isLeft(next)) {
        return reader.fail({ code: 'source', offset: reader.totals.bytes, message: next.left });
      }
      if (next.right === undefined) return reader.end();
      const pushed = reader.push(next.right);
      if (E.isLeft(pushed)) return pushed;
      if (reader.stopped) return reader.end();
    }
  } finally {
    await chunks.return().catch(() => undefined);
  }
};

/** The next chunk, `undefined` at the end, or why there is none. */
const nextOf = async (
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<E.Either<string, Uint8Array | undefined>> => {
  try {
    const next = await chunks.next();
    return E.right(next.done === true ? undefined : next.value);
  } catch (cause) {
    return E.left(systemReason(cause));
  }
};

/** Reads the trace in the file at `path`, as `readTrace` does. */
export const readTraceFile = (
  path: string,
  visit: TraceVisitor,
  options: ReadOptions = {},
): Promise<E.Either<TraceError, TraceTotals>> =>
  readTrace(createReadStream(path, { highWaterMark: FILE_CHUNK }), visit, options);

/** Reads a trace that is in memory and not compressed, without waiting. */
export const readTraceBytes = (
  bytes: Uint8Array,
  visit: TraceVisitor,
  options: ReadOptions = {},
): E.Either<TraceError, TraceTotals> => {
  const reader = new TraceReader(visit, options);
  const pushed = reader.push(bytes);
  return E.isLeft(pushed) ? pushed : reader.end();
};
