/** XENMEM_add_to_physmap and remove_from_physmap of translated domains (F7.9, F8.20). */
import { INVALID_M2P_ENTRY } from '../../host/constants.ts';
import { P2M_TYPE } from '../../host/content.ts';
import { FLAG, hasFlag, ownerOf } from '../../host/frame-table.ts';
import { controls } from '../domains.ts';
import { growTable } from '../grant/table.ts';
import { getPage } from '../pages/gets.ts';
import { type Body, type Refused, refuse, type StepError } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { ownPage } from './guest-page.ts';
import { allP2m, clearP2m, p2mOf, setP2m } from './p2m.ts';
import { removePage } from './reservation.ts';

/**
 * `space`: shared_info; the n-th frame of grant entries or of status words; or
 * page `index` of another domain.
 */
export interface AddToPhysmap {
  readonly type: 'memory.add_to_physmap';
  readonly domid: number;
  readonly vcpu: number;
  readonly gfn: number;
  readonly space: 'shared_info' | 'grant_table' | 'grant_status' | 'gmfn_foreign';
  readonly index: number;
  readonly foreign: number;
}
export interface RemoveFromPhysmap {
  readonly type: 'memory.remove_from_physmap';
  readonly domid: number;
  readonly vcpu: number;
  readonly gfn: number;
}

const grantFrame = (tx: Transaction, d: MutableDomain, index: number): number | Refused => {
  const failed = growTable(tx, d, index + 1);
  if (failed !== null) return refuse('EINVAL', failed.what);
  return d.grants.frames[index] ?? refuse('EINVAL', `no grant frame ${index}`);
};

/** The frame that is to be mapped: one that Xen shares with the domain. */
const sharedFrame = (tx: Transaction, d: MutableDomain, e: AddToPhysmap): number | Refused => {
  if (e.space === 'shared_info') return d.sharedInfo ?? refuse('EINVAL', 'no shared_info');
  if (e.space === 'grant_table') return grantFrame(tx, d, e.index);
  return d.grants.statusFrames[e.index] ?? refuse('EINVAL', `no status frame ${e.index}`);
};

/** What was at the gfn leaves: a page shared by Xen its place, ordinary memory the domain. */
const makeRoom = (tx: Transaction, d: MutableDomain, gfn: number): StepError | null => {
  const entry = p2mOf(tx, d, gfn);
  if (entry === null) return null;
  const special =
    ownerOf(tx.frames, entry.frame) === d.domid && hasFlag(tx.frames, entry.frame, FLAG.xenheap);
  if (!special) return removePage(tx, d, gfn);
  clearP2m(tx, d, gfn);
  return null;
};

/** p2m_add_foreign: a general reference for the entry, which nr_foreign counts (F8.20). */
const addForeign = (tx: Transaction, d: MutableDomain, e: AddToPhysmap): StepError | null => {
  const other = tx.domain(e.foreign);
  if (other === undefined) return refuse('ESRCH', `no d${e.foreign}`);
  if (e.foreign === e.domid) return refuse('EINVAL', 'its own page is not foreign');
  if (!controls(d, e.foreign)) return refuse('EPERM', `d${e.domid} has no right to d${e.foreign}`);
  const frame = ownPage(tx, other, e.index);
  if (frame === null) return refuse('EINVAL', `${e.index} names no page of d${e.foreign}`);
  const failed = makeRoom(tx, d, e.gfn) ?? getPage(tx, frame);
  if (failed !== null) return failed;
  if (d.p2m !== null) d.p2m.nrForeign++;
  return setP2m(tx, d, e.gfn, { frame, type: P2M_TYPE.map_foreign });
};

export const addToPhysmap: Body<AddToPhysmap> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (c.d.p2m === null) return refuse('EINVAL', `d${e.domid} has no P2M`);
  if (e.gfn < 0 || e.gfn >= 2 ** 29) return refuse('EINVAL', `no gfn ${e.gfn}`);
  if (e.space === 'gmfn_foreign') return addForeign(tx, c.d, e);
  const frame = sharedFrame(tx, c.d, e);
  if (typeof frame !== 'number') return frame;
  const failed = makeRoom(tx, c.d, e.gfn);
  if (failed !== null) return failed;
  // Such a page has one place at most (F7.9).
  for (const { gfn, frame: mapped } of allP2m(tx, c.d))
    if (mapped === frame) clearP2m(tx, c.d, gfn);
  return setP2m(tx, c.d, e.gfn, { frame, type: P2M_TYPE.ram_rw });
};

/** The page keeps its owner and loses its place. */
export const removeFromPhysmap: Body<RemoveFromPhysmap> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const { d } = c;
  const entry = p2mOf(tx, d, e.gfn);
  const removable: readonly number[] = [
    P2M_TYPE.ram_rw,
    P2M_TYPE.ram_logdirty,
    P2M_TYPE.ram_ro,
    P2M_TYPE.map_foreign,
  ];
  if (entry === null || !removable.includes(entry.type))
    return refuse('EINVAL', `gfn ${e.gfn} of d${e.domid} is no page`);
  clearP2m(tx, d, e.gfn);
  if (entry.type !== P2M_TYPE.map_foreign) tx.setM2p(entry.frame, INVALID_M2P_ENTRY);
  return null;
};
