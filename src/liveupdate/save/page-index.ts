/**
 * The frame table turned around: what each domain owns, found in one pass
 * over all frames, however many domains there are (F1.5 asks for one pass).
 */
import {
  FLAG,
  type FrameTable,
  flagsOf,
  frameCount,
  ownerOf,
  typeCountOf,
} from '../../host/frame-table.ts';
import { isOrdinaryDomid } from '../../host/ids.ts';
import { isPageTable } from '../../host/page-type.ts';
import { PAGE_KIND, PFINFO, PFINFO_PINNED } from '../../stream/records/domain/pages.ts';

/** Frames [start, start + count) of one owner and one kind; a kind is as in PAGES. */
export interface Run {
  readonly start: number;
  readonly count: number;
  readonly kind: number;
}

export interface OwnedPages {
  /** Ordinary pages, extra ones and those of the paging pool, ascending. */
  readonly runs: readonly Run[];
  /** Xen's pages shared with the domain, ascending. */
  readonly xenheap: readonly number[];
}

export type PageIndex = ReadonlyMap<number, OwnedPages>;

/**
 * The kind of an ordinary page. A table counts as one only when it is
 * validated: a partial one, and one whose count is 0, is a plain page until
 * xen#2 validates it (Q6).
 */
const kindOf = (table: FrameTable, frame: number): number => {
  const flags = flagsOf(table, frame);
  const type = flags & FLAG.typeMask;
  const validated = (flags & (FLAG.validated | FLAG.partial)) === FLAG.validated;
  const isTable = isPageTable(type) && validated && typeCountOf(table, frame) > 0;
  // PFINFO numbers the levels as the page types do: 1 is an L1 table (F8.3, F10.4).
  let kind: number = isTable ? type : PFINFO.NOTAB;
  if (isTable && (flags & FLAG.pinned) !== 0) kind |= PFINFO_PINNED;
  if ((flags & FLAG.broken) !== 0) kind = PFINFO.BROKEN;
  if ((flags & (FLAG.extra | FLAG.pool)) !== 0) kind |= PAGE_KIND.extra;
  if ((flags & FLAG.allocated) === 0) kind |= PAGE_KIND.released;
  return kind;
};

/** Frames that no domain owns: holes, bootmem, the image, the heap. */
const UNOWNED = FLAG.reserved | FLAG.free;

export const indexPages = (table: FrameTable): PageIndex => {
  const index = new Map<number, { runs: Run[]; xenheap: number[] }>();
  let open: { start: number; owner: number; kind: number; into: Run[] } | null = null;
  const close = (end: number): void => {
    if (open !== null)
      open.into.push({ start: open.start, count: end - open.start, kind: open.kind });
    open = null;
  };
  const of = (owner: number): { runs: Run[]; xenheap: number[] } => {
    const known = index.get(owner) ?? { runs: [], xenheap: [] };
    index.set(owner, known);
    return known;
  };
  const n = frameCount(table);
  for (let f = 0; f < n; f++) {
    const flags = flagsOf(table, f);
    const owner = ownerOf(table, f);
    if ((flags & UNOWNED) !== 0 || !isOrdinaryDomid(owner)) {
      close(f);
    } else if ((flags & FLAG.xenheap) !== 0) {
      close(f);
      of(owner).xenheap.push(f);
    } else {
      const kind = kindOf(table, f);
      if (open !== null && open.owner === owner && open.kind === kind) continue;
      close(f);
      open = { start: f, owner, kind, into: of(owner).runs };
    }
  }
  close(n);
  return index;
};

const NOTHING: OwnedPages = { runs: [], xenheap: [] };

export const pagesOf = (index: PageIndex, owner: number): OwnedPages => index.get(owner) ?? NOTHING;
