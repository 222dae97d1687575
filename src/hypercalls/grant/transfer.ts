/** GNTTABOP_transfer: a page changes its owner (F7.7, F8.11). PV domains only. */
import { GTF } from '../../host/constants.ts';
import { FLAG, flagsOf, generalCountOf, typeCountOf } from '../../host/frame-table.ts';
import { domid } from '../../host/ids.ts';
import { ownsPages } from '../../host/references.ts';
import { getDomain, putDomain } from '../domains.ts';
import { ownPage } from '../memory/guest-page.ts';
import { type Body, refuse } from '../step.ts';
import { caller, isCaller } from '../vcpus.ts';
import { granterOf } from './acquire.ts';
import { sharedEntry, TRANSFER } from './shared.ts';

/** The caller's page goes to the domain `to`, which offered reference `ref` for it. */
export interface GrantTransfer {
  readonly type: 'grant.transfer';
  readonly domid: number;
  readonly vcpu: number;
  readonly gfn: number;
  readonly to: number;
  readonly ref: number;
}

/** steal_page: nothing but the owner's list may refer to the page, and it has no type in use. */
export const transfer: Body<GrantTransfer> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (c.d.type !== 'pv') return 'not enabled';
  const frame = ownPage(tx, c.d, e.gfn);
  if (frame === null) return refuse('GNTST_bad_page', `d${e.domid} has no page ${e.gfn}`);
  if (generalCountOf(tx.frames, frame) !== 1 || typeCountOf(tx.frames, frame) !== 0)
    return refuse('GNTST_bad_page', `frame ${frame} is in use`);
  const to = granterOf(tx, e.to);
  if ('errno' in to) return to;
  if (to.domid === c.d.domid || to.type !== 'pv') return 'not enabled';
  if (to.dying !== 'alive' || to.totPages >= to.maxPages)
    return refuse('GNTST_general_error', `d${e.to} takes no page`);
  const entry = sharedEntry(tx, to, e.ref);
  if (
    entry === null ||
    (entry.flags & GTF.type_mask) !== GTF.accept_transfer ||
    (entry.flags & (TRANSFER.committed | TRANSFER.completed)) !== 0 ||
    entry.domid !== e.domid
  )
    return refuse('GNTST_bad_gntref', `d${e.to} grant ${e.ref} accepts no page of d${e.domid}`);
  if (!ownsPages(tx.frames, to)) getDomain(to);
  to.totPages++;
  const t = tx.framesToWrite;
  t.owner[frame] = domid(e.to);
  t.flags[frame] = flagsOf(t, frame) & ~FLAG.validated;
  tx.setM2p(frame, entry.frame);
  entry.flags |= TRANSFER.committed | TRANSFER.completed;
  entry.frame = frame;
  c.d.totPages--;
  if (!ownsPages(t, c.d)) putDomain(tx, e.domid);
  return null;
};
