/**
 * Taking references to pages one by one, as Xen's get_page, get_page_type and
 * the promotion of page tables do (F8.3 to F8.6). Works in place on a draft
 * that the caller owns. Restore code counts with these; `references.ts`
 * counts independently, and the two must agree (I8.2).
 *
 * Left out against Xen: preemption inside a promotion (a step of the model is
 * atomic; interrupted promotions exist as states, see `PartialState`), the
 * shadow-mode bypass, and TLB flushes.
 */
import { type ContentOf, PTE, pteFrame } from './content.ts';
import {
  FLAG,
  type FrameTableDraft,
  flagsOf,
  hasFlag,
  ownerOf,
  type PartialState,
  setFlag,
  setType,
  typeCountOf,
  typeOf,
} from './frame-table.ts';
import { contentOf, type Hardware } from './hardware.ts';
import { isPageTable, needsValidation, type PageType, PGT, pageTypeName } from './page-type.ts';

/** Why a reference could not be taken. */
export interface RefError {
  readonly frame: number;
  readonly what: string;
}

const hex = (n: number): string => `0x${n.toString(16)}`;
const error = (frame: number, what: string): RefError => ({ frame, what });

/** get_page: one general reference, if the frame is somebody's (F8.4). */
export const getPage = (t: FrameTableDraft, frame: number): RefError | null => {
  if (frame >= t.owner.length || (flagsOf(t, frame) & (FLAG.reserved | FLAG.free)) !== 0)
    return error(frame, `frame ${hex(frame)} belongs to nobody: get_page fails`);
  t.generalCount[frame] = (t.generalCount[frame] as number) + 1;
  return null;
};

/** Everything that a promotion touches: the draft, memory to read, whose tables, and what L4 slots to write. */
export interface PromotionContext {
  readonly frames: FrameTableDraft;
  readonly hardware: Hardware;
  /** Called when a page is promoted to L4 (F8.16). */
  readonly onL4: (frame: number) => void;
  /**
   * Page-table level that a page is known to have though it is not validated
   * yet, or none. It tells a linear entry from one to a lower table, and lets
   * a linear target be validated before its user (section 11, rule 9).
   */
  readonly knownLevel: (frame: number) => PageType;
}

/** References of the first entries of one table, when they are validated (F8.5, F8.6). */
const validateEntries = (
  ctx: PromotionContext,
  table: number,
  level: PageType,
  content: ContentOf<'pagetable'>,
  count = content.entries.length,
): RefError | null => {
  const { frames } = ctx;
  for (let slot = 0; slot < content.entries.length && slot < count; slot++) {
    const e = content.entries[slot] as number;
    if ((e & PTE.present) === 0 || (e & PTE.grant) !== 0) continue;
    const child = pteFrame(e);
    // MMIO and holes have no counts.
    if (child >= frames.owner.length || hasFlag(frames, child, FLAG.reserved)) continue;
    const failed =
      level === PGT.l1
        ? getLeaf(ctx, child, (e & PTE.rw) !== 0)
        : getTable(ctx, table, child, level);
    if (failed !== null)
      return error(table, `${pageTypeName(level)} ${hex(table)}[${slot}]: ${failed.what}`);
  }
  return null;
};

const getLeaf = (ctx: PromotionContext, child: number, rw: boolean): RefError | null =>
  getPage(ctx.frames, child) ?? (rw ? getPageType(ctx, child, PGT.writable) : null);

/** An entry of an L2..L4: the next lower table, or a linear entry of the same level (F8.6). */
const getTable = (
  ctx: PromotionContext,
  table: number,
  child: number,
  level: PageType,
): RefError | null => {
  const { frames } = ctx;
  const validated = typeOf(frames, child) === level && hasFlag(frames, child, FLAG.validated);
  const linear = child === table || validated || ctx.knownLevel(child) === level;
  if (!linear) return getPage(frames, child) ?? getPageType(ctx, child, (level - 1) as PageType);
  if (child === table) return null;
  if (ownerOf(frames, child) !== ownerOf(frames, table))
    return error(child, 'linear entry to a table of another domain');
  // The target is validated by this very reference if it is not yet.
  const failed = getPageAndType(ctx, child, level);
  if (failed !== null) return failed;
  frames.linear[table] = (frames.linear[table] ?? 0) + 1;
  frames.linear[child] = (frames.linear[child] ?? 0) - 1;
  return null;
};

/**
 * get_page_type: one type reference. A page whose type count is 0 takes the
 * type, and is validated if the type needs it; otherwise the type must be the
 * one that it has (F8.3).
 */
export const getPageType = (
  ctx: PromotionContext,
  frame: number,
  type: PageType,
): RefError | null => {
  const { frames } = ctx;
  const now = typeOf(frames, frame);
  if (typeCountOf(frames, frame) > 0) {
    if (now !== type)
      return error(
        frame,
        `frame ${hex(frame)} is ${pageTypeName(now)}, wanted as ${pageTypeName(type)}`,
      );
    frames.typeCount[frame] = typeCountOf(frames, frame) + 1;
    return null;
  }
  setType(frames, frame, type);
  frames.typeCount[frame] = 1;
  if (needsValidation(type) && isPageTable(type)) {
    const content = contentOf(ctx.hardware, frame, 'pagetable');
    if (content === null)
      return error(
        frame,
        `frame ${hex(frame)} holds no page table, wanted as ${pageTypeName(type)}`,
      );
    const failed = validateEntries(ctx, frame, type, content);
    if (failed !== null) return failed;
    if (type === PGT.l4) ctx.onL4(frame);
  }
  setFlag(frames, frame, FLAG.validated);
  return null;
};

/** Both references that a cr3, a pin or a Xen mapping holds. */
export const getPageAndType = (
  ctx: PromotionContext,
  frame: number,
  type: PageType,
): RefError | null => getPage(ctx.frames, frame) ?? getPageType(ctx, frame, type);

/**
 * A table whose validation was interrupted (F8.7): its first entries are
 * referenced, the flag owns a type count, and where `flagHolds` (after
 * XSA-299, F8.8) a general reference; so does a partial entry behind them.
 */
export const getPartialTable = (
  ctx: PromotionContext,
  frame: number,
  level: PageType,
  state: PartialState & { readonly flagHolds: boolean },
): RefError | null => {
  const { frames } = ctx;
  const content = contentOf(ctx.hardware, frame, 'pagetable');
  if (content === null || typeCountOf(frames, frame) > 0)
    return error(frame, `frame ${hex(frame)} is no table that was interrupted`);
  const { flagHolds, ...partial } = state;
  const next = content.entries[partial.nrValidatedPtes] ?? 0;
  setType(frames, frame, level);
  frames.typeCount[frame] = 1;
  setFlag(frames, frame, FLAG.partial);
  frames.partial[frame] = partial;
  return (
    validateEntries(ctx, frame, level, content, partial.nrValidatedPtes) ??
    (flagHolds ? getPage(frames, frame) : null) ??
    (flagHolds && partial.partialSet && (next & PTE.present) !== 0
      ? getPage(frames, pteFrame(next))
      : null)
  );
};
