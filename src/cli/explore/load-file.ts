/** The exports of a file of a user, or the place and the reason why there are none. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Either, left, right } from 'fp-ts/lib/Either.js';

/** Milliseconds that a file may take to load: a top-level await may have no end. */
const PATIENCE = 30_000;

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
  if (!hooked) register('./module-hooks.js', import.meta.url);
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
    const place = /^file:\/\/(\S+:\d+)$/m.exec(stack.split('\n')[0] ?? '')?.[1];
    return `${place ?? syntaxPlace(path, file)}: ${message}`;
  }
  const at = stack.split(`${href}:`)[1];
  const [line, column] = /^(\d+):(\d+)/.exec(at ?? '')?.slice(1) ?? [];
  const place = line === undefined ? path : `${path}:${line}:${column}`;
  return 'code' in problem ? `${place}: ${message}` : `${place}: throws: ${message}`;
}

/** Where a file does not parse: Node names the place only when asked to check it. */
function syntaxPlace(path: string, file: string): string {
  const input = readFileSync(file, 'utf8');
  try {
    const args = ['--check', '--input-type=module', '-'];
    execFileSync(process.execPath, args, { input, stdio: 'pipe' });
  } catch (problem) {
    const { stderr } = problem as { stderr?: Buffer };
    const line = /^\[stdin\]:(\d+)/m.exec(String(stderr ?? ''))?.[1];
    if (line !== undefined) return `${path}:${line}`;
  }
  return `${path} or a file it imports`;
}
