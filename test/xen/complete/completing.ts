/** Completing readings made by hand, and looking at the result. */
import { isLeft } from 'fp-ts/lib/Either.js';
import type { Domain } from '../../../src/host/domain.ts';
import type { Host } from '../../../src/host/host.ts';
import type { Reading } from '../../../src/xen/capture/reading.ts';
import { type CompletedHost, completeHost } from '../../../src/xen/complete/complete-host.ts';
import { expectConsistent } from './consistency.ts';

/** The completed host, which must be consistent; an error is a failed test. */
export const completed = (r: Reading): CompletedHost => {
  const done = completeHost(r);
  if (isLeft(done)) throw new Error(done.left.map((e) => e.what).join('; '));
  expectConsistent(done.right.host);
  return done.right;
};

export const ids = (done: CompletedHost): string[] => done.assumed.map((a) => a.id);

export const at = (host: Host, domid: number): Domain => {
  const d = host.xen.domains[domid];
  if (d === undefined) throw new Error(`no d${domid}`);
  return d;
};

/** How 4.17 counts. */
export const rules = { partialHoldsGeneralRef: true };
