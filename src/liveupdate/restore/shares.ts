/** share_xen_page_with_guest (F8.12): Xen's own pages given to a domain, or to DOMID_XEN. */
import { DOMID_XEN } from '../../host/constants.ts';
import { FLAG, type FrameTableDraft } from '../../host/frame-table.ts';
import { PGT } from '../../host/page-type.ts';
import { type FrameRange, framesOf } from '../../host/ranges.ts';

/** One page: owner, one type reference of its own, and the list's general one unless released. */
export const share = (
  frames: FrameTableDraft,
  frame: number,
  owner: number,
  writable: boolean,
  released: boolean,
): void => {
  frames.owner[frame] = owner;
  frames.flags[frame] =
    FLAG.xenheap |
    FLAG.validated |
    (released ? 0 : FLAG.allocated) |
    (writable ? PGT.writable : PGT.none);
  frames.generalCount[frame] = released ? 0 : 1;
  frames.typeCount[frame] = released ? 0 : 1;
};

/** Read-only shares that privileged domains may map: M2P, trace buffers (F2.5). */
export const shareWithDomXen = (frames: FrameTableDraft, ranges: readonly FrameRange[]): void => {
  for (const f of framesOf(ranges)) share(frames, f, DOMID_XEN, false, false);
};
