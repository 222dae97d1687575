/** A host in the making: what the parts of the completion write to. */
import type { XenVersion } from '../../design/versions.ts';
import { DOMID_INVALID, INVALID_M2P_ENTRY } from '../../host/constants.ts';
import type { PageContent } from '../../host/content.ts';
import { FLAG, type FrameTableDraft } from '../../host/frame-table.ts';
import { PGT } from '../../host/page-type.ts';
import { endOf, type FrameRange } from '../../host/ranges.ts';
import type { Reading } from '../capture/reading.ts';
import type { FramePool } from './frame-pool.ts';
import type { KnownPages } from './known-pages.ts';
import type { Notes } from './notes.ts';

export interface Workbench {
  readonly reading: Reading;
  readonly version: XenVersion;
  readonly notes: Notes;
  readonly known: KnownPages;
  readonly frames: FrameTableDraft;
  readonly content: Record<number, PageContent>;
  /** Entries of the M2P. */
  readonly m2p: Uint32Array;
  readonly pool: FramePool;
  /** The number of the running Xen: tells its L4 slots from a later one's. */
  readonly instance: number;
  /** System time in ns. */
  readonly now: number;
}

export const freshM2p = (frames: number): Uint32Array =>
  new Uint32Array(frames).fill(INVALID_M2P_ENTRY);

/** Frames become the hypervisor's own or stop being memory: nobody's, without counts. */
export const reserve = (draft: FrameTableDraft, r: FrameRange): void => {
  draft.flags.fill(FLAG.reserved, r.start, endOf(r));
  draft.owner.fill(DOMID_INVALID, r.start, endOf(r));
};

export const own = (draft: FrameTableDraft, frame: number, owner: number, flags: number): void => {
  draft.owner[frame] = owner;
  draft.flags[frame] = flags;
};

/** Flags of an ordinary page, of a paging-pool page, of a page shared by Xen (F8.10, F8.12, F8.22). */
export const ORDINARY = FLAG.allocated;
export const EXTRA = FLAG.allocated | FLAG.extra;
export const POOL = FLAG.allocated | FLAG.pool;
export const SHARED = FLAG.allocated | FLAG.xenheap | PGT.writable;
