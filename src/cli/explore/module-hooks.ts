/**
 * Module hooks that let a file of a user be TypeScript, import TypeScript, and
 * import what this program brings along. They run in the thread that Node
 * keeps for hooks; see `module.register`.
 */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isLeft } from 'fp-ts/lib/Either.js';
import { toJavaScript } from './typescript.ts';

/** What a file may import although nothing is installed beside it. */
const PROVIDED = /^(?:xstate|xen-lu)(?:\/|$)/;

const TYPESCRIPT = /^file:.*\.[cm]?ts$/;

/** Other names that an import may mean, as TypeScript's own resolutions have them. */
function meant(specifier: string): readonly string[] {
  if (!/^\.{0,2}\//.test(specifier)) return [];
  if (/\.[cm]?js$/.test(specifier)) return [specifier.replace(/js$/, 'ts')];
  if (/\.[cm]?ts$/.test(specifier)) return [];
  return [`${specifier}.ts`, `${specifier}.js`, `${specifier}/index.ts`];
}

/**
 * Resolves as Node does. Where that fails `./x.js` and `./x` may be `./x.ts`,
 * and `xstate` and `xen-lu` are this program's own.
 */
export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (problem) {
    if (PROVIDED.test(specifier)) {
      return await next(specifier, { ...context, parentURL: import.meta.url });
    }
    for (const other of meant(specifier)) {
      try {
        return await next(other, context);
      } catch {
        // The first problem is the one about what was written.
      }
    }
    throw problem;
  }
};

/** Loads TypeScript as JavaScript, on every version of Node in the same way. */
export const load: LoadHook = async (url, context, next) => {
  if (!TYPESCRIPT.test(url)) return await next(url, context);
  const path = fileURLToPath(url);
  const isModule = !path.endsWith('.cts');
  const code = toJavaScript(await readFile(path, 'utf8'), path, isModule);
  if (isLeft(code)) {
    const { line, column, message } = code.left;
    const problem = new SyntaxError(message);
    problem.stack = `${url}:${line}:${column}\n${message}`;
    throw problem;
  }
  const format = isModule ? 'module' : 'commonjs';
  return { format, source: code.right, shortCircuit: true };
};
