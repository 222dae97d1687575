/** What a teardown in progress comes to, if it is carried on to its end. */
import * as E from 'fp-ts/lib/Either.js';
import type { Design } from '../../src/design/design.ts';
import type { XenVersion } from '../../src/design/versions.ts';
import type { Host } from '../../src/host/host.ts';
import { apply } from '../../src/hypercalls/apply.ts';

/** More than any version has phases. */
const MAX_STEPS = 64;

/** The host when the domain is dead, or what stopped Xen on the way there. */
export const tornDown = (
  host: Host,
  domid: number,
  version: XenVersion,
  design: Design,
): E.Either<string, Host> => {
  let now = host;
  for (let step = 0; step < MAX_STEPS; step++) {
    if (now.xen.domains[domid]?.dying !== 'dying') return E.right(now);
    const next = apply(now, { type: 'domain.kill', domid }, { version, design });
    if (E.isLeft(next))
      return E.left(
        next.left === 'not enabled' ? next.left : `${next.left.errno}: ${next.left.what}`,
      );
    now = next.right;
  }
  return E.left('the teardown has no end');
};
