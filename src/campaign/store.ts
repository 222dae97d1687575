/**
 * The results of a campaign in a folder: one line for each batch in
 * `batches.jsonl`, written when the batch is done, and the trace of each
 * failure in `failures/`. A line that was cut off by a crash is not read, and
 * its batch is done again.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { encodeTrace, type Trace } from '../trace/trace-file.ts';
import { Batch, nameOf } from './batch.ts';
import { type Results, resultsOf } from './results.ts';

const FILE = 'batches.jsonl';

/** The folder's file of batches. */
const fileIn = (folder: string): string => join(folder, FILE);
/** Where the trace of a failure is. */
export const traceFile = (folder: string, batch: Batch): string =>
  join(folder, 'failures', `${nameOf(batch)}.json`);

const reasonOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
};

/** All batches of a folder; left: no results there, or a line that is none, by file and number. */
export const readResults = (folder: string): Either<string, Results> => {
  const file = fileIn(folder);
  if (!existsSync(file)) return left(`${folder}: no results of a campaign, there is no ${FILE}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (e) {
    return left(reasonOf(e));
  }
  const lines = text.split('\n');
  const batches: Batch[] = [];
  for (const [i, line] of lines.entries()) {
    // What is behind the last line end was not written to its end.
    if (line === '' || i === lines.length - 1) continue;
    const batch = Batch.decode(parsed(line));
    if (isLeft(batch)) return left(`${file}:${i + 1}: no batch`);
    batches.push(batch.right);
  }
  return right(resultsOf(batches));
};

/** Is there anything of a campaign in the folder? */
export const hasResults = (folder: string): boolean => existsSync(fileIn(folder));

/** Makes the folder, and takes away what a crash left of a last line; null, or why it cannot. */
export const prepareFolder = (folder: string): string | null => {
  try {
    mkdirSync(folder, { recursive: true });
    if (!hasResults(folder)) return null;
    const text = readFileSync(fileIn(folder), 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) writeFileSync(fileIn(folder), whole);
    return null;
  } catch (e) {
    return reasonOf(e);
  }
};

/** Adds a line; null, or why it cannot be written. */
export const addBatch = (folder: string, line: string): string | null => {
  try {
    appendFileSync(fileIn(folder), `${line}\n`);
    return null;
  } catch (e) {
    return reasonOf(e);
  }
};

/** Writes the trace of a failure; null, or why it cannot. */
export const addTrace = (folder: string, batch: Batch, trace: Trace): string | null => {
  try {
    const file = traceFile(folder, batch);
    mkdirSync(join(folder, 'failures'), { recursive: true });
    writeFileSync(file, encodeTrace(trace));
    return null;
  } catch (e) {
    return reasonOf(e);
  }
};

/** The traces that a folder has, by their files' names. */
export const tracesIn = (folder: string): ReadonlyMap<string, string> => {
  const failures = join(folder, 'failures');
  if (!existsSync(failures)) return new Map();
  const names = readdirSync(failures).filter((name) => name.endsWith('.json'));
  return new Map(names.map((name) => [name, join(failures, name)]));
};
