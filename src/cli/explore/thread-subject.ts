/** Where the worker threads of `xen-lu explore --workers` find the machine. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { findSubject } from './find-subject.ts';
import { SCOPES } from './scopes.ts';
import type { Subject } from './subject.ts';

/**
 * The machine of FILE or SCOPE.
 *
 * @throws Error with the reason why there is none: the thread's way to refuse
 */
export async function subject(name: string): Promise<Subject> {
  const found = await findSubject(name, [], SCOPES);
  if (isLeft(found)) throw new Error(found.left);
  return found.right;
}
