/**
 * What follows once references have gone: page tables that nobody uses are no
 * page tables any more, which lets go of what they mapped; pages that nobody
 * refers to are free; a domain without references leaves the list. Everything
 * is derived anew from the references that exist, so this is the
 * specification of what Xen does count by count (`hypercalls/pages`), and a
 * host at rest is a fixed point of it.
 */
import { numericEntries } from './codec.ts';
import { DOMID_INVALID, INVALID_M2P_ENTRY } from './constants.ts';
import type { PageContent } from './content.ts';
import { PTE, pteFrame } from './content.ts';
import type { Domain } from './domain.ts';
import {
  draftOf,
  FLAG,
  type FrameTableDraft,
  flagsOf,
  frameCount,
  ownerOf,
  setFlag,
  setType,
  typeOf,
} from './frame-table.ts';
import type { Host } from './host.ts';
import { isPageTable, type PageType, PGT } from './page-type.ts';
import {
  type CountRules,
  type DerivedCounts,
  deriveCounts,
  deriveDomainRefs,
} from './references.ts';

/** A host that this module may change, because nobody else has it. */
interface Work {
  readonly host: Host;
  readonly frames: FrameTableDraft;
  readonly m2p: Uint32Array;
  readonly content: Record<number, PageContent>;
}

const workOn = (host: Host): Work => {
  const frames = draftOf(host.xen.frames);
  const m2p = new Uint32Array(host.hardware.m2p.entries);
  const content = { ...host.hardware.content };
  const hardware = { ...host.hardware, content, m2p: { ...host.hardware.m2p, entries: m2p } };
  return { host: { hardware, xen: { ...host.xen, frames } }, frames, m2p, content };
};

const NOT_PAGES = FLAG.reserved | FLAG.free;

const free = (w: Work, frame: number): void => {
  w.frames.owner[frame] = DOMID_INVALID;
  w.frames.flags[frame] = FLAG.free | FLAG.needScrub;
  w.frames.generalCount[frame] = 0;
  w.frames.typeCount[frame] = 0;
  delete w.frames.partial[frame];
  delete w.content[frame];
  w.m2p[frame] = INVALID_M2P_ENTRY;
};

/** One round of letting go. False: nothing was left to let go of. */
const letGo = (w: Work, derived: DerivedCounts): boolean => {
  let changed = false;
  for (let f = 0; f < frameCount(w.frames); f++) {
    const flags = flagsOf(w.frames, f);
    if ((flags & NOT_PAGES) !== 0) continue;
    if (derived.general[f] === 0) {
      free(w, f);
      changed = true;
    } else if (derived.typeCount[f] === 0 && (flags & FLAG.typeMask) !== PGT.none) {
      changed ||= isPageTable(flags & FLAG.typeMask) && (flags & FLAG.validated) !== 0;
      setFlag(w.frames, f, FLAG.validated, false);
      setType(w.frames, f, PGT.none);
    }
  }
  return changed;
};

const store = (w: Work, derived: DerivedCounts): void => {
  const { frames } = w;
  for (let f = 0; f < frameCount(frames); f++) {
    if ((flagsOf(frames, f) & NOT_PAGES) !== 0) continue;
    frames.generalCount[f] = derived.general[f] as number;
    frames.typeCount[f] = derived.typeCount[f] as number;
    if (frames.typeCount[f] === 0) continue;
    setType(frames, f, derived.type[f] as PageType);
    if (!isPageTable(derived.type[f] as number)) setFlag(frames, f, FLAG.validated);
  }
};

/** linear_pt_count of every table, from the entries of each that are validated (F8.6, F8.7). */
const storeLinear = (w: Work): void => {
  const { frames } = w;
  for (const f of Object.keys(frames.linear)) delete frames.linear[Number(f)];
  for (const [table, content] of numericEntries(w.content)) {
    const level = typeOf(frames, table);
    const flags = flagsOf(frames, table);
    const valid = isPageTable(level) && (flags & (FLAG.validated | FLAG.partial)) !== 0;
    if (content.kind !== 'pagetable' || level === PGT.l1 || !valid) continue;
    const partial = (flags & FLAG.partial) !== 0 ? frames.partial[table] : undefined;
    for (const entry of content.entries.subarray(0, partial?.nrValidatedPtes)) {
      const child = pteFrame(entry);
      const linear = (entry & PTE.present) !== 0 && child !== table;
      if (!linear || typeOf(frames, child) !== level) continue;
      frames.linear[table] = (frames.linear[table] ?? 0) + 1;
      frames.linear[child] = (frames.linear[child] ?? 0) - 1;
    }
  }
};

/** Pages of every domain, in one pass over the frame table (F8.10, F8.12). */
const ownedByDomain = (frames: FrameTableDraft): Map<number, { tot: number; xenheap: number }> => {
  const owned = new Map<number, { tot: number; xenheap: number }>();
  for (let f = 0; f < frameCount(frames); f++) {
    const owner = ownerOf(frames, f);
    if (owner === DOMID_INVALID) continue;
    const of = owned.get(owner) ?? { tot: 0, xenheap: 0 };
    owned.set(owner, of);
    const flags = flagsOf(frames, f);
    if ((flags & FLAG.xenheap) !== 0) of.xenheap++;
    else if ((flags & (FLAG.extra | FLAG.pool)) === 0) of.tot++;
  }
  return owned;
};

/** domain_destroy for each dead domain that nothing holds, until none is left (F2.15). */
const settleDomains = (host: Host, frames: FrameTableDraft): Host => {
  const owned = ownedByDomain(frames);
  const counted: Record<number, Domain> = {};
  for (const [id, d] of numericEntries(host.xen.domains)) {
    const { tot, xenheap } = owned.get(id) ?? { tot: 0, xenheap: 0 };
    counted[id] = { ...d, totPages: tot, xenheapPages: xenheap };
  }
  let now: Host = { ...host, xen: { ...host.xen, domains: counted } };
  for (;;) {
    const domains: Record<number, Domain> = {};
    for (const [id, d] of numericEntries(now.xen.domains))
      domains[id] = { ...d, refcnt: deriveDomainRefs(now, d) };
    const gone = Object.values(domains).filter((d) => d.refcnt === 0);
    for (const d of gone) delete domains[d.domid];
    const { system } = now.xen;
    const rcu = gone.map((d) => ({ kind: 'complete_domain_destroy', domid: d.domid }) as const);
    now = {
      ...now,
      xen: {
        ...now.xen,
        domains,
        system: {
          ...system,
          destroying: [...system.destroying, ...gone.map((d) => d.domid)],
          rcu: [...system.rcu, ...rcu],
        },
      },
    };
    // A domain that goes lets its target go, which may be the last to hold that (F2.14).
    if (gone.length === 0) return now;
  }
};

/**
 * The host with everything done that its references ask for. `rules` are the
 * ones of the Xen that runs it. Costs some passes over the frame table, one
 * more for each level of page tables that falls.
 */
export const settle = (host: Host, rules: CountRules): Host => {
  const w = workOn(host);
  let derived = deriveCounts(w.host, rules);
  while (letGo(w, derived)) derived = deriveCounts(w.host, rules);
  store(w, derived);
  storeLinear(w);
  return settleDomains(w.host, w.frames);
};
