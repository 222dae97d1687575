/** Memory of a host under construction: who gets a frame, and as what. */
import { DOMID_INVALID, DOMID_XEN } from '../constants.ts';
import type { ContentKind, ContentOf, PageContent } from '../content.ts';
import { FLAG, type FrameTableDraft, setFlag, setType } from '../frame-table.ts';
import type { Xen } from '../host.ts';
import { type Mfn, mfn } from '../ids.ts';
import { type PageType, PGT } from '../page-type.ts';
import { type FrameRange, range } from '../ranges.ts';
import { BuildError, type DomainDraft, type Draft, type HostDraft } from './draft.ts';

/** Frames [start, start + count) become memory of Xen's that no domain sees. */
export const keepForXen = (frames: FrameTableDraft, r: FrameRange): void => {
  frames.flags.fill(FLAG.reserved, r.start, r.start + r.count);
  frames.owner.fill(DOMID_INVALID, r.start, r.start + r.count);
};

/** The next `count` free frames that lie side by side. They are nobody's yet. */
export const allocate = (draft: HostDraft, count: number): FrameRange => {
  const { flags } = draft.frames;
  for (let start = draft.cursor; start + count <= flags.length; ) {
    let end = start;
    while (end < start + count && ((flags[end] as number) & FLAG.free) !== 0) end++;
    if (end === start + count) {
      flags.fill(0, start, end);
      if (count === 1 || start === draft.cursor) draft.cursor = end;
      return range(start, count);
    }
    start = end + 1;
  }
  throw new BuildError(`out of memory: no ${count} free frames in a row`);
};

export const allocateOne = (draft: HostDraft): Mfn => mfn(allocate(draft, 1).start);

/** Memory that this instance of Xen keeps to itself, written over by it. */
export const keepPrivate = (
  draft: HostDraft,
  use: Xen['private'][number]['use'],
  count: number,
): FrameRange => {
  const r = allocate(draft, count);
  keepForXen(draft.frames, r);
  draft.xen.private.push({ use, frames: { ...r } });
  draft.hardware.xenWrites.push({ frames: { ...r }, instance: draft.xen.instance, use });
  return r;
};

/** share_xen_page_with_privileged_guests: frames of DOMID_XEN, read-only (F8.12). */
export const shareWithXen = (draft: HostDraft, r: FrameRange): void => {
  for (let f = r.start; f < r.start + r.count; f++) {
    draft.frames.owner[f] = DOMID_XEN;
    draft.frames.flags[f] = FLAG.xenheap | FLAG.allocated;
  }
};

/** A xenheap page shared with its owner, writable: shared_info, grant frames (F8.12). */
export const shareWithDomain = (draft: HostDraft, owner: number, content: PageContent): Mfn => {
  const frame = allocateOne(draft);
  draft.frames.owner[frame] = owner;
  draft.frames.flags[frame] = FLAG.xenheap | FLAG.allocated | PGT.writable;
  draft.hardware.content[frame] = content;
  return frame;
};

/** A page of the domain's paging pool: owned, but not on its list (F8.22). */
export const allocatePoolPage = (draft: HostDraft, owner: number, content: PageContent): Mfn => {
  const frame = allocateOne(draft);
  draft.frames.owner[frame] = owner;
  draft.frames.flags[frame] = FLAG.allocated | FLAG.pool;
  draft.hardware.content[frame] = content;
  return frame;
};

/** One more ordinary page for a domain, as pfn or gfn `gfn`. */
export const assignPage = (draft: HostDraft, d: DomainDraft, gfn: number): Mfn => {
  const frame = allocateOne(draft);
  draft.frames.owner[frame] = d.domain.domid;
  draft.frames.flags[frame] = FLAG.allocated;
  draft.hardware.m2p.entries[frame] = gfn;
  d.pages[gfn] = frame;
  return frame;
};

/** A page of the domain that has no special use yet; it gets one now. */
export const takePage = (d: DomainDraft): Mfn => {
  const frame = d.pages[d.nextPage];
  if (frame === undefined)
    throw new BuildError(`d${d.domain.domid} has no unused page left of ${d.pages.length}`);
  d.nextPage++;
  return frame;
};

/** A page of a PV domain becomes a validated page table or descriptor table. */
export const makeTable = (draft: HostDraft, frame: number, type: PageType): void => {
  setType(draft.frames, frame, type);
  setFlag(draft.frames, frame, FLAG.validated);
};

/** The content of a page that is known to be of a kind. */
export const contentAt = <K extends ContentKind>(
  draft: HostDraft,
  frame: number,
  kind: K,
): Draft<ContentOf<K>> => {
  const content = draft.hardware.content[frame];
  if (content?.kind !== kind) throw new BuildError(`frame ${frame} holds no ${kind}`);
  return content as Draft<ContentOf<K>>;
};
