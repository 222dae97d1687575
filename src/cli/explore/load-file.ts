/** The exports of a file of a user, or the place and the reason why there are none. */
import { readFileSync, statSync } from 'node:fs';
import { register } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { toJavaScript } from './typescript.ts';

/** Milliseconds that a file may take to load: a top-level await may have no end. */
const PATIENCE = 30_000;

/** So many files are looked through for the place of an error. */
const MAX_FILES = 100;

let hooked = false;

/**
 * Imports a file.
 *
 * @returns left with place and reason if it cannot be read, does not parse,
 *   throws, or does not come to an end
 */
export async function loadFile(
  path: string,
): Promise<Either<string, Readonly<Record<string, unknown>>>> {
  const file = resolve(path);
  try {
    if (!statSync(file).isFile()) return left(`${path}: is no file`);
  } catch {
    return left(`${path}: there is no such file`);
  }
  if (!hooked) {
    register('./module-hooks.js', import.meta.url);
    // Lines of TypeScript, not of what was made of it.
    process.setSourceMapsEnabled(true);
  }
  hooked = true;
  const { href } = pathToFileURL(file);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const seconds = PATIENCE / 1000;
    timer = setTimeout(() => reject(new Error(`is not loaded after ${seconds} s`)), PATIENCE);
  });
  try {
    return right(await Promise.race([import(href), late]));
  } catch (problem) {
    return left(explain(path, file, href, problem));
  } finally {
    clearTimeout(timer);
  }
}

function explain(path: string, file: string, href: string, problem: unknown): string {
  if (!(problem instanceof Error)) return `${path}: throws ${String(problem)}`;
  const { message, stack = '' } = problem;
  if (problem.name === 'SyntaxError') {
    const place = /^file:\/\/(\S+?:\d+)(?::\d+)?$/m.exec(stack.split('\n')[0] ?? '')?.[1];
    return place === undefined
      ? misfit(path, file, message)
      : `${shown(path, file, place)}: ${message}`;
  }
  const at = stack.split(`${href}:`)[1] ?? stack.split(`${file}:`)[1];
  const [line, column] = /^(\d+):(\d+)/.exec(at ?? '')?.slice(1) ?? [];
  const place = line === undefined ? path : `${path}:${line}:${column}`;
  return 'code' in problem ? `${place}: ${message}` : `${place}: throws: ${message}`;
}

/** A place as the user would name it, who named `file` as `path`. */
function shown(path: string, file: string, place: string): string {
  const end = place.lastIndexOf(':');
  const folder = dirname(file);
  const name = relative(folder, place.slice(0, end));
  return `${name.startsWith('..') ? place.slice(0, end) : join(dirname(path), name)}${place.slice(end)}`;
}

/** The line of an import that another file has nothing for, if `message` is about that. */
function importOf(source: string, message: string): number | undefined {
  const [, from, name] = /'([^']+)' does not provide an export named '([^']+)'/.exec(message) ?? [];
  if (from === undefined || name === undefined) return undefined;
  for (const found of source.matchAll(/import\s([^'"]*?)from\s*['"]([^'"]+)['"]/g)) {
    if (found[2] !== from || !(found[1] ?? '').includes(name)) continue;
    return source.slice(0, source.indexOf(name, found.index)).split('\n').length;
  }
  return undefined;
}

/**
 * Where something does not parse: Node does not say it of modules. Looks into
 * the file and those it imports from beside it, in their order.
 */
function misfit(path: string, file: string, message: string): string {
  const seen = new Set<string>();
  const find = (at: string): string | undefined => {
    if (seen.has(at) || seen.size > MAX_FILES) return undefined;
    seen.add(at);
    let source: string;
    try {
      source = readFileSync(at, 'utf8');
    } catch {
      return undefined;
    }
    const code = toJavaScript(source, at, !/\.c[jt]s$/.test(at));
    const line = isLeft(code) ? code.left.line : importOf(source, message);
    if (line !== undefined) return `${shown(path, file, `${at}:${line}`)}: ${message}`;
    for (const [, name = ''] of source.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
      const found = find(resolve(dirname(at), name));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return find(file) ?? `${path} or a file it imports: ${message}`;
}
