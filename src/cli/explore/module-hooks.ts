/**
 * A module hook that lets a file of a user import what this program brings
 * along. It runs in the thread that Node keeps for hooks; see
 * `module.register`.
 */
import type { ResolveHook } from 'node:module';

/** What a file may import although nothing is installed beside it. */
const PROVIDED = /^(?:xstate|xen-lu)(?:\/|$)/;

/** Resolves as Node does, and where that fails `xstate` and `xen-lu` as this program's own. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (problem) {
    if (!PROVIDED.test(specifier)) throw problem;
    return await next(specifier, { ...context, parentURL: import.meta.url });
  }
};
