/** Streams the lines of a log, plain or .xz, in bounded memory. */
import { createReadStream } from 'node:fs';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { systemReason } from '../../stream/framing/system-reason.ts';
import { decompressed } from '../../stream/framing/xz.ts';
import { fileProblem } from './problems.ts';
import type { CaptureProblem } from './reading.ts';

/** Bytes of a line that are read; Xen prints lines of up to 1 KiB. */
export const LINE_LIMIT = 4096;
/** Bytes of a log, decompressed: 1 GiB. */
export const LOG_LIMIT = 2 ** 30;

const CHUNK = 1 << 18;
const NEWLINE = 10;
/** Bytes between two reports of progress. */
const PROGRESS_STEP = 1 << 22;

/** How far a log has been read. */
export interface LogProgress {
  readonly file: string;
  /** Bytes read so far, decompressed. */
  readonly bytes: number;
}

/** Options of reading a log. */
export interface LogOptions {
  readonly onProgress?: (progress: LogProgress) => void;
  /** Bytes after which a log is refused; `LOG_LIMIT` if absent. */
  readonly limit?: number;
}

/** What is known once a log was read. */
export interface LogEnd {
  readonly bytes: number;
  /** The last line had no line end. */
  readonly cutInLine: boolean;
}

/**
 * Shows every line of a file to `visit`, without line ends, each cut to
 * `LINE_LIMIT` bytes and one character a byte. Left if the file cannot be
 * read, is damaged (.xz) or is longer than the limit.
 */
export const forEachLine = async (
  file: string,
  visit: (line: string) => void,
  options: LogOptions = {},
): Promise<Either<CaptureProblem, LogEnd>> => {
  const limit = options.limit ?? LOG_LIMIT;
  const input = createReadStream(file, { highWaterMark: CHUNK });
  const splitter = lineSplitter(visit);
  let bytes = 0;
  let reported = 0;
  try {
    for await (const chunk of decompressed(input, Number.POSITIVE_INFINITY)) {
      bytes += chunk.byteLength;
      if (bytes > limit) {
        const what = `more than ${limit} bytes${bytes > input.bytesRead ? ' when decompressed' : ''}`;
        return left(fileProblem(file, what, 'cut the log down to its last dumps'));
      }
      splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      if (bytes - reported >= PROGRESS_STEP) {
        reported = bytes;
        options.onProgress?.({ file, bytes });
      }
    }
  } catch (cause) {
    const hint = 'give the path of a console log or of a folder with one';
    return left(fileProblem(file, `cannot be read: ${systemReason(cause)}`, hint));
  } finally {
    input.destroy();
  }
  return right({ bytes, cutInLine: splitter.end() });
};

interface LineSplitter {
  readonly push: (chunk: Buffer) => void;
  /** Shows what is left; true if that was a line without its end. */
  readonly end: () => boolean;
}

const lineSplitter = (visit: (line: string) => void): LineSplitter => {
  // The beginning of a line that goes on in the next chunk.
  let begun = '';
  const push = (chunk: Buffer): void => {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      const room = LINE_LIMIT - begun.length;
      visit(begun + chunk.toString('latin1', start, Math.min(end, start + room)));
      begun = '';
      start = end + 1;
    }
    const room = LINE_LIMIT - begun.length;
    begun += chunk.toString('latin1', start, Math.min(chunk.length, start + room));
  };
  const end = (): boolean => {
    const cut = begun !== '';
    if (cut) visit(begun);
    begun = '';
    return cut;
  };
  return { push, end };
};
