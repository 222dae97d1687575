/** A zombie: domain_kill is through, but somebody still refers to its pages (F2.16). */
import { numericEntries } from '../codec.ts';
import {
  DOMID_INVALID,
  GNTMAP,
  GRANT_STATUS_PER_PAGE,
  GRANT_V1_PER_PAGE,
  GTF,
  INVALID_M2P_ENTRY,
} from '../constants.ts';
import type { Domain } from '../domain.ts';
import { FLAG } from '../frame-table.ts';
import { pinTotal } from '../grant-table.ts';
import { forEachReference } from '../references.ts';
import { domainAt, type HostDraft } from './draft.ts';
import { closeAllPorts } from './lifecycle.ts';
import { contentAt } from './memory.ts';

/** gnttab_release_mappings: undoes what the domain had mapped of others (F7.10). */
const releaseMappings = (draft: HostDraft, id: number): void => {
  const { grants } = domainAt(draft, id).domain;
  for (const [, map] of numericEntries(grants.maptrack)) {
    const granter = domainAt(draft, map.granter).domain.grants;
    const active = granter.active[map.ref];
    if (active === undefined) continue;
    const readonly = (map.flags & GNTMAP.readonly) !== 0;
    if ((map.flags & GNTMAP.host_map) !== 0) active.pins[readonly ? 'hstr' : 'hstw']--;
    if ((map.flags & GNTMAP.device_map) !== 0) active.pins[readonly ? 'devr' : 'devw']--;
    const status =
      (pinTotal(active.pins) > 0 ? GTF.reading : 0) |
      (active.pins.hstw + active.pins.devw > 0 ? GTF.writing : 0);
    if (pinTotal(active.pins) === 0) delete granter.active[map.ref];
    writeStatus(draft, map.granter, map.ref, status);
  }
  grants.maptrack = {};
  grants.maptrackLimit = 0;
  grants.maptrackFree = grants.maptrackFree.map(() => []);
};

const STATUS_BITS = GTF.reading | GTF.writing;

const writeStatus = (draft: HostDraft, id: number, ref: number, bits: number): void => {
  const { grants } = domainAt(draft, id).domain;
  if (grants.version === 1) {
    const frame = grants.frames[Math.floor(ref / GRANT_V1_PER_PAGE)];
    if (frame === undefined) return;
    const entry = contentAt(draft, frame, 'grant-v1').entries[ref % GRANT_V1_PER_PAGE];
    if (entry !== undefined) entry.flags = (entry.flags & ~STATUS_BITS) | bits;
    return;
  }
  const frame = grants.statusFrames[Math.floor(ref / GRANT_STATUS_PER_PAGE)];
  if (frame !== undefined)
    contentAt(draft, frame, 'grant-status').words[ref % GRANT_STATUS_PER_PAGE] = bits;
};

const dropVcpuState = (draft: HostDraft, id: number): void => {
  for (const v of domainAt(draft, id).domain.vcpus) {
    v.guestTable = null;
    v.guestTableUser = null;
    v.gdtFrames = [];
    v.oldGuestTable = null;
    v.vcpuInfo = null;
    v.runstateArea = null;
  }
};

/** Frees the domain's pages, except those that others still hold. */
const releasePages = (draft: HostDraft, id: number): void => {
  const { frames, hardware } = draft;
  const { owner, flags } = frames;
  const STRIPPED = FLAG.allocated | FLAG.pinned | FLAG.validated | FLAG.partial | FLAG.typeMask;
  for (let f = 0; f < owner.length; f++) {
    if (owner[f] !== id) continue;
    flags[f] = (flags[f] as number) & ~STRIPPED;
    delete frames.partial[f];
    delete frames.linear[f];
  }
  const domains: Record<number, Domain> = {};
  for (const [other, d] of numericEntries(draft.domains)) domains[other] = d.domain as Domain;
  const held = new Set<number>();
  const host = { hardware, xen: { ...draft.xen, domains, frames } };
  forEachReference(host, draft.rules, (frame) => held.add(frame));
  for (let f = 0; f < owner.length; f++) {
    if (owner[f] !== id || held.has(f)) continue;
    owner[f] = DOMID_INVALID;
    flags[f] = FLAG.free | FLAG.needScrub;
    hardware.m2p.entries[f] = INVALID_M2P_ENTRY;
    delete hardware.content[f];
  }
};

/**
 * Takes a domain all the way to `dead`. What others map of it (grants,
 * foreign) stays; with nothing mapped it is a shell without pages, which in
 * Xen would already be gone: map something of it first.
 *
 * Its grant frames and shared_info are no longer accounted to it, and are
 * left out: nothing reads them any more (F4.3, F4.5).
 */
export const makeZombie = (draft: HostDraft, id: number): void => {
  const { domain } = domainAt(draft, id);
  releaseMappings(draft, id);
  closeAllPorts(draft, id);
  dropVcpuState(draft, id);
  domain.ioreqServers = {};
  domain.p2m = null;
  domain.sharedInfo = null;
  domain.grants.frames = [];
  domain.grants.statusFrames = [];
  domain.dying = 'dead';
  domain.unsupported = [];
  domain.teardown = { phase: 'done' };
  domain.pausers.push('dying');
  releasePages(draft, id);
};
