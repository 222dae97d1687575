/** The vectors as files. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { goldenVectors } from './golden-vectors.ts';
import { jsonText } from './json-text.ts';
import { readmeText } from './readme.ts';

/** A file with its name in the folder. */
interface VectorFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const utf8 = new TextEncoder();

/** One line for each file, as `sha256sum` prints them and `sha256sum -c` reads them. */
const sumsOf = (files: readonly VectorFile[]): string =>
  files
    .map(({ name, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`)
    .join('');

/** All files of the folder: three for each vector, README.md, SHA256SUMS over the others. */
const vectorFiles = (): E.Either<string, readonly VectorFile[]> => {
  const vectors = goldenVectors();
  if (E.isLeft(vectors)) return E.left(`${vectors.left.name}: ${vectors.left.what}`);
  const text = (name: string, content: string): VectorFile => ({
    name,
    bytes: utf8.encode(content),
  });
  const files = vectors.right.flatMap((v) => [
    text(`${v.name}.host.json`, jsonText(v.host)),
    { name: `${v.name}.lu`, bytes: v.stream },
    text(`${v.name}.restored.json`, jsonText(v.restored)),
  ]);
  const readme = text('README.md', readmeText(vectors.right));
  const all = [readme, ...files];
  return E.right([...all, text('SHA256SUMS', sumsOf(all))]);
};

/** What stands in the way of a file: null nothing, or it is there already with these bytes. */
const obstacle = (path: string, { name, bytes }: VectorFile): string | null => {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const same = lstatSync(path).isFile() && Buffer.compare(readFileSync(path), bytes) === 0;
  return same ? null : name;
};

/** Writes what is not there yet, and takes that back if the file system fails half way. */
const writeNew = (dir: string, files: readonly VectorFile[]): void => {
  const made: string[] = [];
  try {
    for (const { name, bytes } of files) {
      const path = join(dir, name);
      if (existsSync(path)) continue;
      // Fails for a file that somebody else has just made.
      const fd = openSync(path, 'wx');
      made.push(path);
      try {
        writeFileSync(fd, bytes);
      } finally {
        closeSync(fd);
      }
    }
  } catch (e) {
    for (const path of made) rmSync(path, { force: true });
    throw e;
  }
};

/** Names told when files stand in the way. */
const TOLD = 5;

/**
 * Writes all files into `dir`, which is made if it is not there. Gives their
 * names. A file of one of these names is never written over: unless it holds
 * the very bytes, nothing is written at all. Errors: the files in the way, or
 * what the model or the file system says.
 */
export const writeVectors = (dir: string): E.Either<string, readonly string[]> => {
  const files = vectorFiles();
  if (E.isLeft(files)) return files;
  try {
    mkdirSync(dir, { recursive: true });
    const inTheWay = files.right.flatMap((f) => obstacle(join(dir, f.name), f) ?? []);
    if (inTheWay.length > 0) {
      const told = inTheWay.slice(0, TOLD).join(', ');
      const more = inTheWay.length > TOLD ? ` and ${inTheWay.length - TOLD} more` : '';
      return E.left(`other files of these names are there, nothing was written: ${told}${more}`);
    }
    writeNew(dir, files.right);
  } catch (e) {
    return E.left(e instanceof Error ? e.message : String(e));
  }
  return E.right(files.right.map((f) => f.name));
};
