/** FILE or SCOPE, as the command line has it. */
import { chain, type Either, isLeft, left, mapLeft, right } from 'fp-ts/lib/Either.js';
import { loadFile } from './load-file.ts';
import { IS_FILE, type Scopes } from './scopes.ts';
import { type Subject, subjectOf, withOnly } from './subject.ts';

/**
 * The subject of that name.
 *
 * @param only names of the properties to keep; none for all
 * @returns left with place and reason; for an unknown scope with those known
 */
export async function findSubject(
  name: string,
  only: readonly string[],
  scopes: Scopes,
): Promise<Either<string, Subject>> {
  const at = mapLeft((reason: string) => `${name}: ${reason}`);
  const found = IS_FILE.test(name)
    ? chain((module: Readonly<Record<string, unknown>>) => at(subjectOf(module)))(
        await loadFile(name),
      )
    : await scopeOf(name, scopes);
  return isLeft(found) ? found : at(withOnly(found.right, only));
}

async function scopeOf(name: string, scopes: Scopes): Promise<Either<string, Subject>> {
  const scope = await scopes.find(name);
  if (scope !== null) return right(scope);
  const known = (await scopes.list()).map((one) => one.name).join(', ');
  return left(
    `no scope "${name}"; there are: ${known || 'none'}. A file's name ends in .ts, .js or .mjs.`,
  );
}
