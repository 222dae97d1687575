/** A file as a source of a stream's bytes. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import type { ByteSource } from './byte-source.ts';
import { systemReason } from './system-reason.ts';

/** Bytes of a chunk: enough that the price of a read does not show. */
const CHUNK = 1 << 20;

/**
 * The bytes of a file, read as they are asked for. Left: why it cannot be
 * read, in words; what fails later fails the iteration.
 */
export const fileSource = async (path: string): Promise<E.Either<string, ByteSource>> => {
  try {
    if ((await stat(path)).isDirectory()) return E.left('it is a folder');
    return E.right(createReadStream(path, { highWaterMark: CHUNK }));
  } catch (cause) {
    return E.left(systemReason(cause));
  }
};
