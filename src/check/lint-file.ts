/** The linter on a file: whichever of the known kinds of stream it holds. */
import * as E from 'fp-ts/lib/Either.js';
import { fileSource } from '../stream/framing/file-source.ts';
import { luFormat } from '../stream/lint/lu-format.ts';
import type { LintReport } from '../stream/lint/report.ts';
import { lintStream } from '../xen/migration/lint.ts';
import { type BadInput, oneProblem } from './result.ts';

/**
 * Lints a stream of xl, libxl or libxc, or a Live Update stream, plain or
 * compressed with xz. Left: the file cannot be read. A stream that is damaged,
 * or of no known kind, is a report with errors.
 */
export const lintFile = async (path: string): Promise<E.Either<BadInput, LintReport>> => {
  const source = await fileSource(path);
  if (E.isLeft(source)) return E.left(oneProblem(path, source.left));
  return E.right(await lintStream(source.right, [luFormat]));
};
