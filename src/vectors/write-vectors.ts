/** The vectors as files. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
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

/**
 * Writes all files into `dir`, which is made if it is not there; files of the
 * same name are overwritten. Gives their names. Errors: what the model or the
 * file system says.
 */
export const writeVectors = (dir: string): E.Either<string, readonly string[]> => {
  const files = vectorFiles();
  if (E.isLeft(files)) return files;
  try {
    mkdirSync(dir, { recursive: true });
    for (const { name, bytes } of files.right) writeFileSync(join(dir, name), bytes);
  } catch (e) {
    return E.left(e instanceof Error ? e.message : String(e));
  }
  return E.right(files.right.map((f) => f.name));
};
