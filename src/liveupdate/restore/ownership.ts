/**
 * Pass 1: ownership of pages and the grant-table frames (R38). Runs for all
 * domains before any type or reference to another domain's page is taken.
 */
import { keeps } from '../../design/design.ts';
import { INVALID_M2P_ENTRY } from '../../host/constants.ts';
import { FLAG, type FrameTableDraft, setFlag } from '../../host/frame-table.ts';
import type { ActiveGrant } from '../../host/grant-table.ts';
import { noPins } from '../../host/grant-table.ts';
import { type Mfn, mfn } from '../../host/ids.ts';
import { PAGE_KIND, PFINFO, PFINFO_MASK } from '../../stream/records/domain/pages.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import { findFree } from '../alloc.ts';
import type { Crash } from '../boot.ts';
import type { RestoreDraft } from './draft.ts';
import { share } from './shares.ts';

const hex = (n: number): string => `0x${n.toString(16)}`;

/** assign_pages (F8.10): owner, PGC_allocated with its reference, the domain's counters. */
const assignPages = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const id = s.DOMAIN.domid;
  if (draft.domain(id)?.dying !== 'alive')
    return { what: `d${id}: assign_pages refuses a dying domain`, sources: ['F2.12', 'S32'] };
  const { frames } = draft;
  const { start, count, kind } = s.PAGES.runs;
  let tot = 0;
  let extra = 0;
  for (let i = 0; i < start.length; i++) {
    const first = start[i] as number;
    const n = count[i] as number;
    const bits = kind[i] as number;
    const failed = keeps(draft.design, 'R22') ? taken(frames, id, first, n) : null;
    if (failed !== null) return failed;
    assignRun(frames, id, first, n, bits);
    if ((bits & PAGE_KIND.extra) === 0) tot += n;
    else extra += n;
  }
  // The domain holds one reference for owning any page but those (F2.14).
  const held = tot + extra - toPool(frames, id, s.P2M?.tables ?? []) > 0;
  draft.update(id, (d) => ({ totPages: tot, refcnt: d.refcnt + (held ? 1 : 0) }));
  return null;
};

/** A page that is not reserved was given to somebody already, or is in the heap (I8.1). */
const taken = (frames: FrameTableDraft, id: number, first: number, n: number): Crash | null => {
  for (let f = first; f < first + n; f++)
    if ((frames.flags[f] as number) !== FLAG.reserved)
      return {
        what: `d${id}: frame ${hex(f)} is not reserved, or somebody's already`,
        sources: ['R22', 'I8.1'],
      };
  return null;
};

const assignRun = (
  frames: FrameTableDraft,
  id: number,
  first: number,
  n: number,
  kind: number,
): void => {
  const released = (kind & PAGE_KIND.released) !== 0;
  const broken = (kind & PFINFO_MASK) === PFINFO.BROKEN;
  const flags =
    (released ? 0 : FLAG.allocated) |
    ((kind & PAGE_KIND.extra) !== 0 ? FLAG.extra : 0) |
    (broken ? FLAG.broken : 0);
  frames.owner.fill(id, first, first + n);
  frames.flags.fill(flags, first, first + n);
  frames.generalCount.fill(released ? 0 : 1, first, first + n);
  frames.typeCount.fill(0, first, first + n);
};

/** P2M tables are of the paging pool (F8.22). Returns how many of the domain's pages are. */
const toPool = (frames: FrameTableDraft, id: number, tables: Iterable<number>): number => {
  let n = 0;
  for (const f of tables) {
    if (frames.owner[f] !== id || ((frames.flags[f] as number) & FLAG.extra) === 0) continue;
    setFlag(frames, f, FLAG.extra, false);
    setFlag(frames, f, FLAG.pool);
    n++;
  }
  return n;
};

/** A page that xen#2 makes anew, where a design does not keep the old one. */
const freshFrame = (draft: RestoreDraft): Mfn | null => {
  const free = findFree(draft.frames, 1)?.[0];
  return free === undefined ? null : mfn(free);
};

/** shared_info, grant and status frames, shared again with the domain (F7.9, F8.12). */
const shareXenheap = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const id = s.DOMAIN.domid;
  const frames: Mfn[] = [];
  const status: Mfn[] = [];
  let sharedInfo: Mfn | null = null;
  for (const page of s.XENHEAP.pages) {
    const { role } = page;
    const stays =
      (role !== 'shared_info' || keeps(draft.design, 'F8.13.mfn')) &&
      (role !== 'grant' || keeps(draft.design, 'F7.9.frames')) &&
      (role !== 'status' || keeps(draft.design, 'F7.9.status'));
    const at = stays ? page.frame : (freshFrame(draft) ?? page.frame);
    const failed = stays && keeps(draft.design, 'R22') ? taken(draft.frames, id, at, 1) : null;
    if (failed !== null) return failed;
    share(draft.frames, at, id, page.writable, page.released);
    if (role === 'shared_info') sharedInfo = at;
    if (role === 'grant') frames[page.index] = at;
    if (role === 'status') status[page.index] = at;
  }
  const count = s.XENHEAP.pages.length;
  draft.update(id, (d) => ({
    sharedInfo,
    xenheapPages: count,
    refcnt: d.refcnt + (count > 0 ? 1 : 0),
    grants: { ...d.grants, frames, statusFrames: status },
  }));
  return null;
};

/**
 * Active entries, still without pins: those come from the maptracks of the
 * mappers, of which any may be restored first in the next pass (R40).
 */
const activeGrants = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const active: Record<number, ActiveGrant> = {};
  for (const a of s.GRANT_TABLE.active)
    active[a.ref] = {
      pins: noPins,
      domid: a.domid,
      frame: a.frame,
      transitive: a.transitive,
      start: a.start,
      length: a.length,
    };
  draft.update(s.DOMAIN.domid, (d) => ({ grants: { ...d.grants, active } }));
  return null;
};

/** The M2P is left alone; a design that rebuilds it loses what only it knew (F8.15). */
const m2p = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  if (keeps(draft.design, 'F8.15.m2p-content')) return null;
  const { entries } = draft.restoring.hardware.m2p;
  const { start, count } = s.PAGES.runs;
  const rebuilt = Uint32Array.from(entries);
  for (let i = 0; i < start.length; i++)
    rebuilt.fill(INVALID_M2P_ENTRY, start[i], (start[i] as number) + (count[i] as number));
  draft.setM2p(rebuilt);
  return null;
};

/** The topics of pass 1 for one domain, in their order, each with the record that it reads. */
export const ownershipTopics = (
  draft: RestoreDraft,
  s: DomainSections,
): readonly (readonly [record: string, restore: () => Crash | null])[] => [
  ['PAGES', () => assignPages(draft, s)],
  ['XENHEAP', () => shareXenheap(draft, s)],
  ['GRANT_TABLE', () => activeGrants(draft, s)],
  ['PAGES', () => m2p(draft, s)],
];
