/** From a draft to a host: everything that follows from the rest is computed here. */
import { numericEntries } from '../codec.ts';
import { P2M_TYPE, PTE, pteFrame, pteIs } from '../content.ts';
import type { Domain } from '../domain.ts';
import { FLAG, setFlag, setType, typeOf } from '../frame-table.ts';
import type { Host } from '../host.ts';
import { isPageTable, needsValidation, type PageType, PGT } from '../page-type.ts';
import {
  countOwned,
  type DerivedCounts,
  deriveCounts,
  deriveDomainRefs,
  forEachP2mEntry,
} from '../references.ts';
import { BuildError, type Draft, type HostDraft } from './draft.ts';

/** No guest can map its tables writable: such entries become read-only (F8.3). */
const writeProtectTables = (draft: HostDraft): void => {
  for (const d of Object.values(draft.domains))
    for (const l1 of d.tables[1]) {
      const content = draft.hardware.content[l1];
      if (content?.kind !== 'pagetable') continue;
      content.entries.forEach((entry, slot) => {
        if (pteIs(entry, PTE.rw) && needsValidation(typeOf(draft.frames, pteFrame(entry))))
          content.entries[slot] = entry - PTE.rw;
      });
    }
};

/** Tables that nobody refers to any more lose their validation, and their entries theirs (F8.3). */
const invalidateUnused = (draft: HostDraft, derived: DerivedCounts): boolean => {
  const { flags } = draft.frames;
  let found = false;
  for (let f = 0; f < flags.length; f++) {
    if (((flags[f] as number) & FLAG.validated) === 0 || derived.typeCount[f] !== 0) continue;
    if (!isPageTable(typeOf(draft.frames, f))) continue;
    setFlag(draft.frames, f, FLAG.validated, false);
    setType(draft.frames, f, PGT.none);
    found = true;
  }
  return found;
};

/** linear_pt_count of both ends of each entry between tables of one level (F8.6). */
const storeLinearCounts = (draft: HostDraft): void => {
  const { frames } = draft;
  for (const d of Object.values(draft.domains))
    for (const table of Object.values(d.tables).flat()) {
      const content = draft.hardware.content[table];
      const level = typeOf(frames, table);
      if (content?.kind !== 'pagetable' || level <= PGT.l1 || !isPageTable(level)) continue;
      for (const entry of content.entries) {
        const child = pteFrame(entry);
        if (!pteIs(entry, PTE.present) || child === table || typeOf(frames, child) !== level)
          continue;
        frames.linear[table] = (frames.linear[table] ?? 0) + 1;
        frames.linear[child] = (frames.linear[child] ?? 0) - 1;
      }
    }
};

/** Stores the derived counts, and the types that they ask for (I8.2). */
const storeCounts = (draft: HostDraft, host: Host): void => {
  const { frames } = draft;
  let derived = deriveCounts(host, draft.rules);
  // One level of tables a round, at most.
  while (invalidateUnused(draft, derived)) derived = deriveCounts(host, draft.rules);
  if (derived.conflicts.length > 0)
    throw new BuildError(`frames wanted as two types at once: ${derived.conflicts.join(', ')}`);
  for (let f = 0; f < frames.owner.length; f++) {
    frames.generalCount[f] = derived.general[f] as number;
    frames.typeCount[f] = derived.typeCount[f] as number;
    if (derived.typeCount[f] === 0) continue;
    const type = derived.type[f] as PageType;
    if (type !== typeOf(frames, f) && isPageTable(type))
      throw new BuildError(`frame ${f} is wanted as a page table and holds none`);
    setType(frames, f, type);
    if (!isPageTable(type)) setFlag(frames, f, FLAG.validated);
  }
  storeLinearCounts(draft);
};

const storeTotals = (host: Host, d: Draft<Domain>): void => {
  const channels = Object.values(d.events.channels);
  d.events.activeChannels = channels.length;
  d.events.xenChannels = channels.filter((c) => c.xenConsumer !== null).length;
  d.pauseCount = d.controllerPauseCount + d.pausers.length;
  const owned = countOwned(host, d.domid);
  d.totPages = owned.tot;
  d.xenheapPages = owned.xenheap;
  if (d.p2m === null) return;
  let foreign = 0;
  forEachP2mEntry(host.hardware, d as Domain, (_gfn, _frame, type) => {
    if (type === P2M_TYPE.map_foreign) foreign++;
  });
  d.p2m.nrForeign = foreign;
};

/**
 * Derives all counts and hands the host out. The draft is used up: the host
 * consists of its parts.
 *
 * @throws BuildError when references ask for two types of one page.
 */
export const finish = (draft: HostDraft): Host => {
  writeProtectTables(draft);
  const domains: Record<number, Draft<Domain>> = {};
  for (const [id, d] of numericEntries(draft.domains)) domains[id] = d.domain;
  const host: Host = {
    hardware: draft.hardware,
    xen: { ...draft.xen, domains, frames: draft.frames },
  };
  storeCounts(draft, host);
  for (const d of Object.values(domains)) storeTotals(host, d);
  for (const d of Object.values(domains)) d.refcnt = deriveDomainRefs(host, d as Domain);
  return host;
};
