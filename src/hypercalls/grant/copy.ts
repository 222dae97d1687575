/** GNTTABOP_copy between a page of the caller and a granted one (F7.7). */
import { typeCountOf, typeOf } from '../../host/frame-table.ts';
import type { Mfn } from '../../host/ids.ts';
import { PGT } from '../../host/page-type.ts';
import { isPlain, ownPage } from '../memory/guest-page.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { Transaction } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { granterOf, pageForCopy } from './acquire.ts';

/**
 * `gfn` is a page of the caller's; `into`: whether the grant is written. The
 * pins of a copy last no longer than the hypercall, so nothing but the data
 * is left of it.
 */
export interface GrantCopy {
  readonly type: 'grant.copy';
  readonly domid: number;
  readonly vcpu: number;
  readonly granter: number;
  readonly ref: number;
  readonly gfn: number;
  readonly into: boolean;
}

/** A page that is something else than writable cannot be written (F8.3). */
const writable = (tx: Transaction, frame: number): Refused | null =>
  typeCountOf(tx.frames, frame) === 0 || typeOf(tx.frames, frame) === PGT.writable
    ? null
    : refuse('GNTST_permission_denied', `frame ${frame} is not writable`);

/** The value moves; a page whose content the model does not follow counts as value 0. */
const copyContent = (tx: Transaction, from: Mfn, to: Mfn): void => {
  const value = tx.content(from, 'value')?.value ?? 0;
  tx.hardware.content[to] = { kind: 'value', value };
};

export const copy: Body<GrantCopy> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const granter = granterOf(tx, e.granter);
  if ('errno' in granter) return granter;
  const granted = pageForCopy(tx, granter, e.ref, e.domid, !e.into);
  if (typeof granted !== 'number') return granted;
  const own = ownPage(tx, c.d, e.gfn);
  if (own === null) return refuse('GNTST_general_error', `d${e.domid} has no page ${e.gfn}`);
  const [from, to] = e.into ? [own, granted] : [granted, own];
  const failed = writable(tx, to);
  if (failed !== null) return failed;
  // Overwriting what Xen shares with a guest in its own pages only harms that guest.
  if (!isPlain(tx, to)) return 'not enabled';
  copyContent(tx, from, to);
  return null;
};
