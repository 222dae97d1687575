/** Pages as a guest names them: by mfn if PV, by gfn if translated. */
import { type ContentKind, P2M_TYPE } from '../../host/content.ts';
import { FLAG, flagsOf, ownerOf, typeCountOf, typeOf } from '../../host/frame-table.ts';
import { type Mfn, mfn } from '../../host/ids.ts';
import { PGT } from '../../host/page-type.ts';
import { getPageAndType } from '../pages/gets.ts';
import { isCounted } from '../pages/puts.ts';
import { refuse, type StepError } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { p2mOf } from './p2m.ts';

const RAM: readonly number[] = [P2M_TYPE.ram_rw, P2M_TYPE.ram_logdirty, P2M_TYPE.ram_ro];

/** The ordinary page of the domain that `gfn` names, or null: it names none. */
export const ownPage = (tx: Transaction, d: MutableDomain, gfn: number): Mfn | null => {
  let frame = gfn;
  if (d.type !== 'pv') {
    const entry = p2mOf(tx, d, gfn);
    if (entry === null || !RAM.includes(entry.type)) return null;
    frame = entry.frame;
  }
  if (!isCounted(tx, frame) || ownerOf(tx.frames, frame) !== d.domid) return null;
  const ordinary = FLAG.allocated | FLAG.extra | FLAG.pool | FLAG.xenheap;
  return (flagsOf(tx.frames, frame) & ordinary) === FLAG.allocated ? mfn(frame) : null;
};

/** Does the page hold data of the guest's only, nothing that Xen reads or writes by itself? */
export const isPlain = (tx: Transaction, frame: number): boolean => {
  const c = tx.hardware.content[frame];
  return c === undefined || c.kind === 'value' || c.kind === 'extents' || c.kind === 'multicall';
};

/**
 * A page that the guest writes to with ordinary instructions, or null: it has
 * none by that name, or one that it writes only to its own harm.
 */
export const writablePage = (tx: Transaction, d: MutableDomain, gfn: number): Mfn | null => {
  const frame = ownPage(tx, d, gfn);
  if (frame === null) return null;
  const typed = typeCountOf(tx.frames, frame) > 0 && typeOf(tx.frames, frame) !== PGT.writable;
  const unused = isPlain(tx, frame) || typeCountOf(tx.frames, frame) === 0;
  return typed || !unused ? null : frame;
};

/**
 * A page that the guest gives to Xen to map, as prepare_ring_for_helper and
 * map_guest_page take it: general and writable reference. Pages of content
 * `kind` may be given several times. A guest that gives one page for two
 * different uses only spoils its own data; the model does not follow it there
 * ('not enabled').
 */
export const takeForXen = (
  tx: Transaction,
  d: MutableDomain,
  gfn: number,
  kind: ContentKind,
): Mfn | StepError => {
  const frame = ownPage(tx, d, gfn);
  if (frame === null) return refuse('EINVAL', `${gfn} names no page of d${d.domid}`);
  const failed = getPageAndType(tx, frame, d.domid, PGT.writable);
  if (failed !== null) return failed;
  return isPlain(tx, frame) || tx.content(frame, kind) !== null ? frame : 'not enabled';
};
