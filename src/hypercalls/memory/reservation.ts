/** XENMEM_increase_reservation, populate_physmap, decrease_reservation and exchange (F8.10, F8.11). */
import { INVALID_M2P_ENTRY } from '../../host/constants.ts';
import { P2M_TYPE } from '../../host/content.ts';
import { generalCountOf, typeCountOf } from '../../host/frame-table.ts';
import { controls } from '../domains.ts';
import { allocatePage } from '../pages/heap.ts';
import { putAllocated } from '../pages/puts.ts';
import { type Body, refuse, type StepError } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { ownPage } from './guest-page.ts';
import { clearP2m, p2mOf, setP2m } from './p2m.ts';

interface Where {
  readonly domid: number;
  readonly vcpu: number;
}
/** A PV domain gets a page without a place in its physical memory. */
export interface IncreaseReservation extends Where {
  readonly type: 'memory.increase_reservation';
}
/** A page for `target` (itself, or a domain that the caller controls) at a gfn or pfn. */
export interface PopulatePhysmap extends Where {
  readonly type: 'memory.populate_physmap';
  readonly target: number;
  readonly gfn: number;
}
/** The page leaves; it is freed when nobody else refers to it. */
export interface DecreaseReservation extends Where {
  readonly type: 'memory.decrease_reservation';
  readonly gfn: number;
}
/** A PV domain gives a page and gets another at the same pfn. */
export interface Exchange extends Where {
  readonly type: 'memory.exchange';
  readonly gfn: number;
}

/** gfns that the model's P2M has leaves for: 2^20 leaves, more than any host here has memory. */
const MAX_GFN = 2 ** 29;

export const increaseReservation: Body<IncreaseReservation> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (c.d.type !== 'pv') return 'not enabled';
  const frame = allocatePage(tx, c.d, 0);
  return typeof frame === 'number' ? null : frame;
};

export const populatePhysmap: Body<PopulatePhysmap> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.target);
  if (d === undefined) return refuse('ESRCH', `no d${e.target}`);
  if (!controls(c.d, e.target)) return refuse('EPERM', `d${e.domid} has no right to d${e.target}`);
  if (e.gfn < 0 || e.gfn >= MAX_GFN) return refuse('EINVAL', `no gfn ${e.gfn}`);
  // Populating over a mapping loses what was there; the model's guests do not.
  if (d.type !== 'pv' && p2mOf(tx, d, e.gfn) !== null) return 'not enabled';
  const frame = allocatePage(tx, d, 0);
  if (typeof frame !== 'number') return frame;
  tx.setM2p(frame, e.gfn);
  return d.type === 'pv' ? null : setP2m(tx, d, e.gfn, { frame, type: P2M_TYPE.ram_rw });
};

/**
 * guest_remove_page: a page of the domain's own leaves it, a foreign or a
 * shared one only loses its place. Grants and the like stay (-EINVAL).
 */
export const removePage = (tx: Transaction, d: MutableDomain, gfn: number): StepError | null => {
  const entry = d.type === 'pv' ? null : p2mOf(tx, d, gfn);
  const frame = ownPage(tx, d, gfn);
  if (entry?.type === P2M_TYPE.map_foreign) clearP2m(tx, d, gfn);
  else if (frame === null) return refuse('EINVAL', `${gfn} names no page of d${d.domid}`);
  else {
    if (entry !== null) clearP2m(tx, d, gfn);
    tx.setM2p(frame, INVALID_M2P_ENTRY);
    putAllocated(tx, frame);
  }
  return null;
};

export const decreaseReservation: Body<DecreaseReservation> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  return isCaller(c) ? removePage(tx, c.d, e.gfn) : c;
};

/** One extent: steal_page refuses a page in use; the new one takes the pfn of the old. */
export const exchangePage = (tx: Transaction, d: MutableDomain, gfn: number): StepError | null => {
  const old = ownPage(tx, d, gfn);
  if (old === null) return refuse('EINVAL', `${gfn} names no page of d${d.domid}`);
  if (generalCountOf(tx.frames, old) !== 1 || typeCountOf(tx.frames, old) !== 0)
    return refuse('EINVAL', `frame ${old} is in use`);
  const pfn = tx.m2p(old);
  putAllocated(tx, old);
  const fresh = allocatePage(tx, d, 0);
  if (typeof fresh !== 'number') return fresh;
  tx.setM2p(fresh, pfn);
  return null;
};

export const exchange: Body<Exchange> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  return c.d.type === 'pv' ? exchangePage(tx, c.d, e.gfn) : 'not enabled';
};
