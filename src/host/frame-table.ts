/**
 * The frame table: what Xen knows of each machine frame, as struct of arrays
 * indexed by mfn (F8.1). Twelve bytes a frame; 16 M frames take 192 MiB.
 *
 * Simplified against struct page_info: list links, the TLB timestamp, the
 * NUMA node and shadow bits are left out, because nothing of Live Update
 * depends on them; cacheability (PGT_non_coherent) is left out as it is
 * derived from mappings anew. `partial` and `linear` share storage in Xen
 * with other fields (F8.6); here they are sparse records of their own.
 */
import * as t from 'io-ts';
import { byNumber, Natural, U16, U32 } from './codec.ts';
import { DOMID_INVALID } from './constants.ts';
import type { PageType } from './page-type.ts';

/** Bits of `flags`; bits 0..2 are the page type. The layout is the model's own (F8.2: Xen's is not stable). */
export const FLAG = {
  typeMask: 7,
  /** PGC_allocated: on the owner's list, which holds one general reference. */
  allocated: 1 << 3,
  /** PGC_xen_heap: memory of Xen's, maybe shared with the owner (F8.12). */
  xenheap: 1 << 4,
  /** Of the owner's paging pool: its P2M is made of such, nobody maps them (F8.22). */
  pool: 1 << 5,
  /** PGT_pinned: the guest pinned the table; holds one type and one general reference (F8.5). */
  pinned: 1 << 6,
  validated: 1 << 7,
  /** PGT_partial: validation or invalidation was interrupted (F8.7). */
  partial: 1 << 8,
  /** PGC_need_scrub: free, but may hold old guest data (F8.14). */
  needScrub: 1 << 9,
  /** PGC_state_free: in the heap. */
  free: 1 << 10,
  broken: 1 << 11,
  /** Not RAM of Xen's to use: a hole, MMIO, or reserved before the heap opened (F1.5). */
  reserved: 1 << 12,
  /** PGC_extra: taken for the owner's sake, so not in its allowance; still holds it (F8.10, F2.14). */
  extra: 1 << 13,
} as const;

/** What a partially validated table carries besides the flag (F8.7). */
export const PartialState = t.readonly(
  t.type({
    /** Entries [0, nrValidatedPtes) are validated and referenced; 0..512. */
    nrValidatedPtes: Natural,
    /** PTF_partial_set: the entry at nrValidatedPtes is itself partial and referenced. */
    partialSet: t.boolean,
  }),
  'PartialState',
);
export type PartialState = t.TypeOf<typeof PartialState>;

export const FrameTable = t.readonly(
  t.type({
    owner: U16,
    flags: U16,
    typeCount: U32,
    generalCount: U32,
    partial: byNumber(PartialState),
    /** linear_pt_count of tables in a linear relation (F8.6); sparse, may be negative. */
    linear: byNumber(t.Integer),
  }),
  'FrameTable',
);

interface ReadonlyWords {
  readonly length: number;
  readonly [n: number]: number;
}

/** A frame table for reading only. Every step that changes one works on a draft of its own. */
export interface FrameTable {
  readonly owner: ReadonlyWords;
  readonly flags: ReadonlyWords;
  readonly typeCount: ReadonlyWords;
  readonly generalCount: ReadonlyWords;
  readonly partial: Readonly<Record<number, PartialState>>;
  readonly linear: Readonly<Record<number, number>>;
}

/** A frame table that its holder may change in place, because nobody else has it. */
export interface FrameTableDraft {
  readonly owner: Uint16Array;
  readonly flags: Uint16Array;
  readonly typeCount: Uint32Array;
  readonly generalCount: Uint32Array;
  readonly partial: Record<number, PartialState>;
  readonly linear: Record<number, number>;
}

/** `frames` frames, all without owner and all reserved: what memory is before Xen knows its RAM. */
export const emptyFrameTable = (frames: number): FrameTableDraft => ({
  owner: new Uint16Array(frames).fill(DOMID_INVALID),
  flags: new Uint16Array(frames).fill(FLAG.reserved),
  typeCount: new Uint32Array(frames),
  generalCount: new Uint32Array(frames),
  partial: {},
  linear: {},
});

/** A copy to change: the one place where a frame table is duplicated. */
export const draftOf = (table: FrameTable): FrameTableDraft => ({
  owner: new Uint16Array(table.owner),
  flags: new Uint16Array(table.flags),
  typeCount: new Uint32Array(table.typeCount),
  generalCount: new Uint32Array(table.generalCount),
  partial: { ...table.partial },
  linear: { ...table.linear },
});

export const frameCount = (table: FrameTable): number => table.owner.length;
export const ownerOf = (table: FrameTable, frame: number): number =>
  table.owner[frame] ?? DOMID_INVALID;
export const flagsOf = (table: FrameTable, frame: number): number =>
  table.flags[frame] ?? FLAG.reserved;
export const hasFlag = (table: FrameTable, frame: number, flag: number): boolean =>
  (flagsOf(table, frame) & flag) !== 0;
export const typeOf = (table: FrameTable, frame: number): PageType =>
  (flagsOf(table, frame) & FLAG.typeMask) as PageType;
export const typeCountOf = (table: FrameTable, frame: number): number =>
  table.typeCount[frame] ?? 0;
export const generalCountOf = (table: FrameTable, frame: number): number =>
  table.generalCount[frame] ?? 0;

export const setFlag = (draft: FrameTableDraft, frame: number, flag: number, on = true): void => {
  const now = draft.flags[frame] ?? 0;
  draft.flags[frame] = on ? now | flag : now & ~flag;
};
export const setType = (draft: FrameTableDraft, frame: number, type: PageType): void => {
  draft.flags[frame] = ((draft.flags[frame] ?? 0) & ~FLAG.typeMask) | type;
};
