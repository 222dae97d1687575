/** Reading a trace from wherever its bytes are. */
import { createReadStream } from 'node:fs';
import { ReadableStream } from 'node:stream/web';
import * as E from 'fp-ts/lib/Either.js';
import { XzReadableStream } from 'xz-decompress';
import type { TraceError } from './errors.ts';
import type { TraceVisitor } from './merge.ts';
import { type ReadOptions, TraceReader, type TraceTotals } from './reader.ts';

/** A trace's bytes in order, in chunks of any size. */
export type TraceSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The first six bytes of every .xz file. */
const XZ_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] as const;
const FILE_CHUNK = 256 * 1024;

const startsAsXz = (head: Uint8Array): boolean =>
  XZ_MAGIC.every((byte, index) => head[index] === byte);

/** `source` with its first six bytes in one chunk, if it has six. */
async function* withWholeHead(source: TraceSource): AsyncGenerator<Uint8Array, void, undefined> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of source) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    const joined: Uint8Array = new Uint8Array(head.length + chunk.length);
    joined.set(head, 0);
    joined.set(chunk, head.length);
    head = joined;
    if (head.length < XZ_MAGIC.length) continue;
    yield head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

/**
 * The trace's own bytes: `source` itself, or decompressed when it starts as
 * an .xz file does. (No trace does: 0x587a37fd is no CPU_CHANGE.) Errors of
 * the source and of the decompressor are thrown by the iteration.
 */
export async function* plainBytes(
  source: TraceSource,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = withWholeHead(source);
  try {
    const first = await chunks.next();
    if (first.done === true) return;
    const all = startingWith(first.value, chunks);
    if (startsAsXz(first.value)) yield* new XzReadableStream(ReadableStream.from(all));
    else yield* all;
  } finally {
    // The decompressor does not close its input when it is left early.
    await chunks.return();
  }
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  yield* rest;
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

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
  source: TraceSource,
  visit: TraceVisitor,
  options: ReadOptions = {},
): Promise<E.Either<TraceError, TraceTotals>> => {
  const reader = new TraceReader(visit, options);
  const chunks = plainBytes(source);
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
    return E.left(messageOf(cause));
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
