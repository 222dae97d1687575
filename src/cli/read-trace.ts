/** Trace files as commands read and write them. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import { systemReason } from '../stream/framing/system-reason.ts';
import { decodeTrace, encodeTrace, type Trace } from '../trace/trace-file.ts';

/** Longest trace file that is read, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;

/** What to do about a file that holds no trace. */
const WANTED = 'Wanted is a trace as xen-lu museum --out, a campaign or replay --out writes it.';

/** The JSON of a file, or what is wrong with it, with the name of the file. */
export const readJson = (file: string): Either<string, unknown> => {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) return left(`${file}: ${size} bytes, more than ${MAX_BYTES}`);
    return { _tag: 'Right', right: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (e) {
    const what = e instanceof SyntaxError ? `no JSON: ${e.message}` : systemReason(e);
    return left(`${file}: ${what}`);
  }
};

/** The trace of a file, or what is wrong with it, with the name of the file. */
export const readTrace = (file: string): Either<string, Trace> => {
  const json = readJson(file);
  if (isLeft(json)) return left(`${json.left}. ${WANTED}`);
  const trace = decodeTrace(json.right);
  return isLeft(trace) ? left(`${file}: ${trace.left}. ${WANTED}`) : trace;
};

/** Writes a new file, with its folders; null, or why not. A file that is there is left alone. */
export const writeNew = (file: string, text: string): string | null => {
  if (existsSync(file)) return `${file} is there already; nothing was written`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
    return null;
  } catch (e) {
    return `${file}: ${systemReason(e)}`;
  }
};

export const writeTrace = (file: string, trace: Trace): string | null =>
  writeNew(file, encodeTrace(trace));
