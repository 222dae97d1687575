/**
 * TypeScript to JavaScript, one file at a time and without looking at types:
 * what Node does from version 22.18 on, and enums and imports of types that
 * are not marked as such besides, on every Node alike.
 */
import { createRequire } from 'node:module';
import { type Either, left, right } from 'fp-ts/lib/Either.js';

/** Where in a file something is wrong, counted from 1, and what. */
export interface Misfit {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

type Compiler = typeof import('@swc/wasm-typescript');

let compiler: Compiler | undefined;

/** Loaded when the first such file is met: it takes 45 ms and 3.7 MB. */
function load(): Compiler {
  compiler ??= createRequire(import.meta.url)('@swc/wasm-typescript') as Compiler;
  return compiler;
}

/**
 * The JavaScript of a file, with a map back to its lines.
 *
 * @param source TypeScript, or JavaScript, of which it is a superset
 * @param module false for a file in the old module format (.cts)
 */
export function toJavaScript(
  source: string,
  filename: string,
  module: boolean,
): Either<Misfit, string> {
  try {
    const { code, map } = load().transformSync(source, {
      mode: 'transform',
      module,
      filename,
      sourceMap: true,
      transform: { verbatimModuleSyntax: false, nativeClassProperties: true },
    });
    const inline = Buffer.from(map ?? '').toString('base64');
    return right(`${code}\n//# sourceMappingURL=data:application/json;base64,${inline}`);
  } catch (problem) {
    return left(misfitOf(problem));
  }
}

/** The compiler throws plain objects, which the map's names are not checked for. */
function misfitOf(problem: unknown): Misfit {
  const { startLine, startColumn, message } = (problem ?? {}) as Record<string, unknown>;
  return {
    line: typeof startLine === 'number' ? startLine : 1,
    column: typeof startColumn === 'number' ? startColumn + 1 : 1,
    message: typeof message === 'string' ? message : String(problem),
  };
}
