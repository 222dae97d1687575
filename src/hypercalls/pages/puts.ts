/**
 * Dropping references to pages, as put_page and put_page_type do (F8.4 to
 * F8.7): a page table whose last type reference goes is devalidated, which
 * drops what its entries held, and so on; a page whose last general
 * reference goes returns to the heap (F8.10, F8.12, F8.14).
 *
 * A type without references is set back to none. Xen keeps the last type as a
 * hint for TLB flushes, which the model has not.
 */
import { DOMID_INVALID, INVALID_M2P_ENTRY } from '../../host/constants.ts';
import { PTE, pteIs } from '../../host/content.ts';
import {
  FLAG,
  flagsOf,
  frameCount,
  generalCountOf,
  hasFlag,
  ownerOf,
  setFlag,
  setType,
  typeCountOf,
  typeOf,
} from '../../host/frame-table.ts';
import { isPageTable, type PageType, PGT } from '../../host/page-type.ts';
import { ownsPages } from '../../host/references.ts';
import { putDomain } from '../domains.ts';
import { presentFrame, type Transaction } from '../transaction.ts';

/** Does Xen count references to this frame? Holes, MMIO and its own memory have no owner to ask. */
export const isCounted = (tx: Transaction, frame: number): boolean =>
  frame < frameCount(tx.frames) && !hasFlag(tx.frames, frame, FLAG.reserved);

const hex = (n: number): string => `0x${n.toString(16)}`;

/**
 * The page goes back to the heap, and its owner has one page less. What was in
 * it is nobody's content any more; that its bytes are still there is what
 * need_scrub says (F8.14). Xen gives the pages that it shared back only with
 * the domain itself; here they go with their last reference as all others do.
 */
const freePage = (tx: Transaction, frame: number): void => {
  const t = tx.framesToWrite;
  const owner = ownerOf(t, frame);
  const flags = flagsOf(t, frame);
  if (typeCountOf(t, frame) !== 0) tx.bug(`page ${hex(frame)} freed with type references`);
  t.owner[frame] = DOMID_INVALID;
  t.flags[frame] =
    (flags & FLAG.broken) === 0 ? FLAG.free | FLAG.needScrub : FLAG.broken | FLAG.reserved;
  t.typeCount[frame] = 0;
  delete t.partial[frame];
  delete t.linear[frame];
  delete tx.hardware.content[frame];
  tx.setM2p(frame, INVALID_M2P_ENTRY);
  const d = tx.domain(owner);
  if (d === undefined) return;
  if ((flags & FLAG.xenheap) !== 0) {
    d.xenheapPages--;
    if (d.xenheapPages === 0) putDomain(tx, owner);
  } else if ((flags & FLAG.pool) === 0) {
    if ((flags & FLAG.extra) === 0) d.totPages--;
    if (!ownsPages(t, d)) putDomain(tx, owner);
  }
};

/** put_page: drops one general reference; the last frees the page. */
export const putPage = (tx: Transaction, frame: number): void => {
  if (!isCounted(tx, frame)) return;
  const t = tx.framesToWrite;
  const now = generalCountOf(t, frame);
  if (now === 0) {
    tx.bug(`put_page of ${hex(frame)}, which has no references`);
    return;
  }
  t.generalCount[frame] = now - 1;
  if (now === 1) freePage(tx, frame);
};

/** Records that `table` has one linear entry less, to `child` (F8.6). */
const dropLinear = (tx: Transaction, table: number, child: number): void => {
  const { linear } = tx.framesToWrite;
  for (const [frame, by] of [
    [table, -1],
    [child, 1],
  ] as const) {
    const now = (linear[frame] ?? 0) + by;
    if (now === 0) delete linear[frame];
    else linear[frame] = now;
  }
};

/** Drops what one entry of a validated table at `level` holds (F8.5, F8.6). */
export const putEntry = (tx: Transaction, table: number, level: PageType, entry: number): void => {
  const child = presentFrame(entry);
  if (child === null || pteIs(entry, PTE.grant) || !isCounted(tx, child)) return;
  if (level === PGT.l1) {
    if (pteIs(entry, PTE.rw)) putPageType(tx, child);
  } else if (typeOf(tx.frames, child) === level) {
    if (child === table) return;
    dropLinear(tx, table, child);
    putPageType(tx, child);
  } else putPageType(tx, child);
  putPage(tx, child);
};

/** free_page_type: the table is no page table any more; its entries' references go. */
export const devalidate = (tx: Transaction, table: number): void => {
  const t = tx.framesToWrite;
  const level = typeOf(t, table);
  const partial = hasFlag(t, table, FLAG.partial) ? t.partial[table] : undefined;
  setFlag(t, table, FLAG.validated | FLAG.partial, false);
  delete t.partial[table];
  const entries = tx.content(table, 'pagetable')?.entries ?? new Uint32Array();
  const limit = partial?.nrValidatedPtes ?? entries.length;
  for (let slot = 0; slot < limit && slot < entries.length; slot++)
    putEntry(tx, table, level, entries[slot] as number);
  const next = presentFrame(entries[limit] ?? 0);
  if (partial?.partialSet !== true || next === null) return;
  putPartial(tx, next);
  if (tx.ctx.version.countRules.partialHoldsGeneralRef) putPage(tx, next);
};

/** put_page_type: drops one type reference; the last devalidates a page table. */
export const putPageType = (tx: Transaction, frame: number): void => {
  if (!isCounted(tx, frame)) return;
  const t = tx.framesToWrite;
  const now = typeCountOf(t, frame);
  if (now === 0) {
    tx.bug(`put_page_type of ${hex(frame)}, which has no type references`);
    return;
  }
  t.typeCount[frame] = now - 1;
  if (now > 1) return;
  if (isPageTable(typeOf(t, frame)) && hasFlag(t, frame, FLAG.validated | FLAG.partial))
    devalidate(tx, frame);
  setFlag(t, frame, FLAG.validated, false);
  setType(t, frame, PGT.none);
};

export const putPageAndType = (tx: Transaction, frame: number): void => {
  putPageType(tx, frame);
  putPage(tx, frame);
};

/**
 * _put_page_type with PTF_partial_set: cleans a partial table up, with the
 * type count and the general reference that its flag owns; nothing for a page
 * that is not partial (F8.7).
 */
export const putPartial = (tx: Transaction, frame: number): void => {
  if (!hasFlag(tx.frames, frame, FLAG.partial)) return;
  devalidate(tx, frame);
  putPageType(tx, frame);
  if (tx.ctx.version.countRules.partialHoldsGeneralRef) putPage(tx, frame);
};

/**
 * Drops the general reference of PGC_allocated: the page leaves its owner's
 * list. A page shared by Xen loses the type reference of the share as well.
 */
export const putAllocated = (tx: Transaction, frame: number): void => {
  if (!hasFlag(tx.frames, frame, FLAG.allocated)) return;
  setFlag(tx.framesToWrite, frame, FLAG.allocated, false);
  if (hasFlag(tx.frames, frame, FLAG.xenheap)) putPageType(tx, frame);
  putPage(tx, frame);
};

/** Unpins a table: the pin's type and general reference go (F8.5). */
export const unpin = (tx: Transaction, frame: number): void => {
  if (!hasFlag(tx.frames, frame, FLAG.pinned)) return;
  setFlag(tx.framesToWrite, frame, FLAG.pinned, false);
  putPageAndType(tx, frame);
};
