/** relinquish_memory: a dying domain lets go of its pages, level by level (F2.11). */
import {
  FLAG,
  type FrameTable,
  flagsOf,
  frameCount,
  generalCountOf,
  hasFlag,
  ownerOf,
  setType,
  typeCountOf,
  typeOf,
} from '../../host/frame-table.ts';
import { type PageType, PGT } from '../../host/page-type.ts';
import { devalidate, putAllocated, putPage, unpin } from '../pages/puts.ts';
import type { Transaction } from '../transaction.ts';

/** Frames of a domain on one of its lists: ordinary and extra pages, or xenheap ones. */
export const ownedFrames = (tx: Transaction, domid: number, xenheap: boolean): number[] => {
  const { owner } = tx.frames;
  const n = frameCount(tx.frames);
  const found: number[] = [];
  for (let f = 0; f < n; f++)
    if (owner[f] === domid && hasFlag(tx.frames, f, FLAG.xenheap) === xenheap) found.push(f);
  return found;
};

/**
 * A partial table that nobody but the caller refers to: the next put frees it,
 * whatever its level. Only where its flag holds no reference (F8.8) can it be.
 */
const isForgotten = (t: FrameTable, frame: number): boolean =>
  hasFlag(t, frame, FLAG.partial) && generalCountOf(t, frame) === 1;

/**
 * For each page: a reference for the time of it, unpin, drop the list's
 * reference, and if the page is still a valid or partial table of `level`
 * devalidate it by force, which breaks circles of linear tables; then drop
 * the own reference. A page that others refer to stays, and its owner with it.
 */
export const relinquishMemory = (tx: Transaction, domid: number, level: PageType): void => {
  for (const frame of ownedFrames(tx, domid, false)) {
    const t = tx.framesToWrite;
    // A table before it held the last reference: the page has left the list.
    if (ownerOf(t, frame) !== domid) continue;
    t.generalCount[frame] = (t.generalCount[frame] as number) + 1;
    unpin(tx, frame);
    putAllocated(tx, frame);
    const inTheWay = (flagsOf(t, frame) & (FLAG.validated | FLAG.partial)) !== 0;
    const atLevel = level !== PGT.none && typeOf(t, frame) === level && inTheWay;
    if (atLevel || isForgotten(t, frame)) invalidate(tx, frame);
    putPage(tx, frame);
  }
};

/** What is left of its type count is held from within the circle, or by its partial state. */
const invalidate = (tx: Transaction, frame: number): void => {
  const t = tx.framesToWrite;
  const partial = hasFlag(t, frame, FLAG.partial);
  devalidate(tx, frame);
  if (!partial) return;
  t.typeCount[frame] = Math.max(0, typeCountOf(t, frame) - 1);
  if (typeCountOf(t, frame) === 0) setType(t, frame, PGT.none);
  if (tx.ctx.version.countRules.partialHoldsGeneralRef) putPage(tx, frame);
};

/** The xenheap list: what Xen shares with the domain. */
export const relinquishXenheap = (tx: Transaction, frames: readonly number[]): void => {
  for (const frame of frames) putAllocated(tx, frame);
};
