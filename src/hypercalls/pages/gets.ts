/**
 * Taking references to pages on behalf of a guest, with the rights that it
 * needs for them: get_page, get_page_type and the validation of page tables
 * (F8.3 to F8.7). Errors leave counts half taken; the step that fails is
 * discarded as a whole.
 */
import { DOMID_XEN } from '../../host/constants.ts';
import { PTE, pteFrame, pteIs } from '../../host/content.ts';
import {
  FLAG,
  flagsOf,
  generalCountOf,
  hasFlag,
  ownerOf,
  setFlag,
  setType,
  typeCountOf,
  typeOf,
} from '../../host/frame-table.ts';
import { isPageTable, type PageType, PGT, pageTypeName } from '../../host/page-type.ts';
import { controls } from '../domains.ts';
import { type Refused, refuse } from '../step.ts';
import { presentFrame, type Transaction } from '../transaction.ts';
import { isCounted, putPage } from './puts.ts';

const hex = (n: number): string => `0x${n.toString(16)}`;
const PAGE_TABLE_ENTRIES = 512;

/** get_page: one general reference on a page that belongs to somebody, and is no P2M table. */
export const getPage = (tx: Transaction, frame: number): Refused | null => {
  if (!isCounted(tx, frame) || generalCountOf(tx.frames, frame) === 0)
    return refuse('EINVAL', `frame ${hex(frame)} belongs to nobody`);
  // Xen does not look, and finds an "odd p2m page count" when it tears the P2M down.
  if (hasFlag(tx.frames, frame, FLAG.pool))
    return refuse('EINVAL', `frame ${hex(frame)} holds a table of Xen's (F8.22)`);
  const t = tx.framesToWrite;
  t.generalCount[frame] = generalCountOf(t, frame) + 1;
  return null;
};

/** get_page with an owner that it must have. */
export const getPageOf = (tx: Transaction, frame: number, owner: number): Refused | null =>
  ownerOf(tx.frames, frame) === owner
    ? getPage(tx, frame)
    : refuse('EINVAL', `frame ${hex(frame)} is not d${owner}'s`);

/** May the owner of a table map a page of `owner` in it (F8.15, F8.21)? */
const mayMap = (tx: Transaction, mapper: number, owner: number, rw: boolean): boolean => {
  const d = tx.domain(mapper);
  if (d === undefined) return false;
  if (owner === DOMID_XEN) return d.isPrivileged && !rw;
  return controls(d, owner);
};

/** An L1 entry: a general reference, and a writable one if it maps RW (F8.5). */
const takeLeaf = (tx: Transaction, table: number, entry: number): Refused | null => {
  const frame = pteFrame(entry);
  const rw = pteIs(entry, PTE.rw);
  const mapper = ownerOf(tx.frames, table);
  if (!isCounted(tx, frame)) return takeMmio(tx, mapper, frame);
  if (!mayMap(tx, mapper, ownerOf(tx.frames, frame), rw))
    return refuse('EPERM', `d${mapper} may not map frame ${hex(frame)}`);
  return getPage(tx, frame) ?? (rw ? getPageType(tx, frame, PGT.writable) : null);
};

/** MMIO has no counts; who may map it is in the domain's ranges. */
const takeMmio = (tx: Transaction, mapper: number, frame: number): Refused | null => {
  const d = tx.domain(mapper);
  const ranges = d?.iomem ?? [];
  if (d?.isHardware === true || ranges.some(([first, last]) => first <= frame && frame <= last))
    return null;
  return refuse('EPERM', `d${mapper} has no access to frame ${hex(frame)}`);
};

/**
 * An entry of an L2..L4 to a table of its own level (F8.6): read-only, of the
 * same owner, validated before, and no page is both user and target (XSA-240).
 */
const takeLinear = (
  tx: Transaction,
  table: number,
  child: number,
  entry: number,
): Refused | null => {
  if (pteIs(entry, PTE.rw)) return refuse('EINVAL', 'a linear entry must be read-only');
  if (child === table) return null;
  const { linear } = tx.framesToWrite;
  if (!hasFlag(tx.frames, child, FLAG.validated))
    return refuse('EINVAL', `linear entry to ${hex(child)}, which is not validated`);
  if ((linear[table] ?? 0) < 0 || (linear[child] ?? 0) > 0)
    return refuse('EINVAL', `${hex(child)} or ${hex(table)} would be linear both ways`);
  linear[table] = (linear[table] ?? 0) + 1;
  linear[child] = (linear[child] ?? 0) - 1;
  return getPage(tx, child) ?? getPageType(tx, child, typeOf(tx.frames, child));
};

/** References of one present entry of a table of `level`, checked (F8.5, F8.6). */
export const takeEntry = (
  tx: Transaction,
  table: number,
  level: PageType,
  entry: number,
): Refused | null => {
  const child = presentFrame(entry);
  if (child === null || pteIs(entry, PTE.grant)) return null;
  if (level === PGT.l1) return takeLeaf(tx, table, entry);
  const owner = ownerOf(tx.frames, table);
  if (!isCounted(tx, child) || ownerOf(tx.frames, child) !== owner)
    return refuse('EINVAL', `frame ${hex(child)} is no table of d${owner}`);
  if (child === table || (typeOf(tx.frames, child) === level && typeCountOf(tx.frames, child) > 0))
    return takeLinear(tx, table, child, entry);
  return getPage(tx, child) ?? getPageType(tx, child, (level - 1) as PageType);
};

const takeEntries = (tx: Transaction, table: number, from: number): Refused | null => {
  const content = tx.content(table, 'pagetable');
  if (content === null) return refuse('EINVAL', `frame ${hex(table)} holds no page table`);
  if (content.entries.length > PAGE_TABLE_ENTRIES)
    return refuse('EINVAL', `frame ${hex(table)} holds more than a page table`);
  const level = typeOf(tx.frames, table);
  for (let slot = from; slot < content.entries.length; slot++) {
    const failed = takeEntry(tx, table, level, content.entries[slot] as number);
    if (failed === null) continue;
    const what = `${pageTypeName(level)} ${hex(table)}[${slot}]: ${failed.what}`;
    return refuse(failed.errno, what);
  }
  // Xen writes its own slots into a page that becomes an L4 (F8.16).
  if (level === PGT.l4) content.xenSlots = tx.xen.instance;
  setFlag(tx.framesToWrite, table, FLAG.validated);
  return null;
};

/**
 * Finishes the validation of a partial table. The flag's type count becomes
 * the caller's, and its general reference is dropped (F8.7).
 */
const completePartial = (tx: Transaction, table: number): Refused | null => {
  const t = tx.framesToWrite;
  const state = t.partial[table] ?? { nrValidatedPtes: 0, partialSet: false };
  const { partialHoldsGeneralRef } = tx.ctx.version.countRules;
  setFlag(t, table, FLAG.partial, false);
  delete t.partial[table];
  let from = state.nrValidatedPtes;
  const next = presentFrame(tx.content(table, 'pagetable')?.entries[from] ?? 0);
  if (state.partialSet && next !== null && hasFlag(t, next, FLAG.partial)) {
    // The entry held a general reference on its partial child only since XSA-299 (F8.8).
    const failed = (partialHoldsGeneralRef ? null : getPage(tx, next)) ?? completePartial(tx, next);
    if (failed !== null) return failed;
    from++;
  }
  const failed = takeEntries(tx, table, from);
  if (failed === null && partialHoldsGeneralRef) putPage(tx, table);
  return failed;
};

/** get_page_type: one type reference; the first validates what must be (F8.3). */
export const getPageType = (tx: Transaction, frame: number, type: PageType): Refused | null => {
  const t = tx.framesToWrite;
  const now = typeOf(t, frame);
  const count = typeCountOf(t, frame);
  if (count > 0) {
    if (now !== type)
      return refuse(
        'EINVAL',
        `frame ${hex(frame)} is ${pageTypeName(now)}, wanted as ${pageTypeName(type)}`,
      );
    if ((flagsOf(t, frame) & FLAG.partial) !== 0) return completePartial(tx, frame);
    t.typeCount[frame] = count + 1;
    return null;
  }
  setType(t, frame, type);
  t.typeCount[frame] = 1;
  if (isPageTable(type)) return takeEntries(tx, frame, 0);
  setFlag(t, frame, FLAG.validated);
  return null;
};

/** Both references that a cr3, a pin or a mapping of Xen's holds, on a page of `owner`. */
export const getPageAndType = (
  tx: Transaction,
  frame: number,
  owner: number,
  type: PageType,
): Refused | null => getPageOf(tx, frame, owner) ?? getPageType(tx, frame, type);
