/**
 * Gives the guests their translations: PV page tables, P2Ms. Where listed
 * pages show more references than anything explains, some domain is assumed
 * to map them.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { PTE } from '../../host/content.ts';
import type { Domain } from '../../host/domain.ts';
import { FLAG, setFlag, setType } from '../../host/frame-table.ts';
import type { Mfn } from '../../host/ids.ts';
import type { PageType } from '../../host/page-type.ts';
import type { DerivedCounts } from '../../host/references.ts';
import type { PvGuest } from '../migration/guest-image.ts';
import type { DomainParts } from './domains.ts';
import type { CompletionError } from './errors.ts';
import { placePages } from './guest-pages.ts';
import { putGuest } from './guest-tables.ts';
import { type ListedTables, listedTablesOf } from './listed-tables.ts';
import type { HostMap, Mappings } from './maptrack.ts';
import { type ForeignMap, hasP2m, p2mOf } from './p2m-tables.ts';
import { buildPvTables, type PvMapping, type PvTables } from './pv-tables.ts';
import { allPages, missingMappings } from './surplus.ts';
import type { Workbench } from './workbench.ts';

export interface MappingInputs {
  readonly parts: readonly DomainParts[];
  readonly grantMaps: ReadonlyMap<number, Mappings>;
  /** Counts of the host without any page table or P2M. */
  readonly base: DerivedCounts;
}

/** A PV guest whose tables are made up whole, because its pages are not listed. */
const getsTables = (p: DomainParts): boolean =>
  p.facts.type === 'pv' &&
  !p.facts.allListed &&
  (p.facts.dying === 'alive' || (p.facts.dying === 'dying' && p.life.teardown.phase !== 'l4'));

const isListedPv = (p: DomainParts): boolean => p.facts.type === 'pv' && p.facts.allListed;

/** Mappings that each domain has to have, by domid. */
interface Wanted {
  readonly own: Map<number, ForeignMap[]>;
  readonly listed: Map<number, ListedTables>;
}

const add = (to: Map<number, ForeignMap[]>, id: number, maps: readonly ForeignMap[]): void => {
  const list = to.get(id) ?? [];
  to.set(id, list);
  for (const m of maps) list.push(m);
};

/** The domain that is assumed to map a page of another: dom0 if it can, else the first that can. */
const holderOf = (parts: readonly DomainParts[], owner: number): number | null => {
  const can = (p: DomainParts): boolean =>
    p.facts.domid !== owner &&
    p.facts.dying === 'alive' &&
    (getsTables(p) || hasP2m(p.facts, p.life.teardown.phase));
  return parts.find(can)?.facts.domid ?? null;
};

/** Xenheap pages that no line shows: a guest that runs has them mapped. */
const unshownXenPages = (p: DomainParts): ForeignMap[] => {
  if (!p.facts.started) return [];
  const shown = new Set(p.facts.xenPages.map((page) => page.mfn));
  return p.pages.xenheap.filter((f) => !shown.has(f)).map((frame) => ({ frame, writable: true }));
};

/** IOREQ pages that no line shows: the emulator has them mapped. */
const ioreqMaps = (p: DomainParts): { emulator: number; map: ForeignMap }[] => {
  const shown = new Set(p.facts.extraPages.map((page) => page.mfn));
  return Object.values(p.ioreqServers).flatMap((s) =>
    [s.ioreqPage, s.bufioreqPage]
      .filter((f): f is Mfn => f !== null && !shown.has(f))
      .map((frame) => ({ emulator: s.emulator, map: { frame, writable: true } })),
  );
};

const wantedMappings = (w: Workbench, inputs: MappingInputs): Wanted => {
  const { parts, grantMaps, base } = inputs;
  const wanted: Wanted = { own: new Map(), listed: new Map() };
  for (const p of parts) {
    const id = p.facts.domid;
    let left: readonly ForeignMap[];
    if (isListedPv(p)) {
      const hostMaps = grantMaps.get(id)?.hostMaps ?? [];
      const mayRun = p.facts.dying !== 'dead' && p.life.teardown.phase !== 'l4';
      const listed = listedTablesOf(w, p.facts, base, hostMaps, mayRun);
      wanted.listed.set(id, listed);
      left = listed.left;
    } else {
      const listed = getsTables(p)
        ? [...p.facts.xenPages, ...p.facts.extraPages]
        : allPages(p.facts);
      left = listed.flatMap((page) => missingMappings(page, base));
    }
    if (getsTables(p)) {
      add(wanted.own, id, [...left, ...unshownXenPages(p)]);
      left = [];
    }
    for (const { emulator, map } of ioreqMaps(p)) add(wanted.own, emulator, [map]);
    const holder = left.length === 0 ? null : holderOf(parts, id);
    if (holder === null) continue;
    w.notes.assume('foreign-maps', left.length, id);
    add(wanted.own, holder, left);
  }
  return wanted;
};

const asGrantEntry = (m: HostMap): PvMapping => ({
  frame: m.frame,
  flags: PTE.grant | (m.writable ? PTE.rw : 0),
});
const asEntry = (m: ForeignMap): PvMapping => ({ frame: m.frame, flags: m.writable ? PTE.rw : 0 });

const storeTables = (w: Workbench, made: PvTables): void => {
  for (const { frame, level, entries } of made.tables) {
    setType(w.frames, frame, level as PageType);
    setFlag(w.frames, frame, FLAG.validated);
    const xenSlots = frame === made.l4 ? w.instance : null;
    w.content[frame] = { kind: 'pagetable', entries, xenSlots };
  }
  setFlag(w.frames, made.l4, FLAG.pinned);
};

/** A GDT frame for each vCPU of a guest that ran; none when pages are short. */
const takeGdtFrames = (w: Workbench, p: DomainParts): (Mfn | null)[] =>
  p.vcpus.map((v) => {
    const wanted = p.facts.started && v.initialised && p.pages.unseenLeft() > 0;
    const frame = wanted ? p.pages.takeUnseen() : null;
    w.notes.assume('descriptor-tables', frame === null ? 0 : 1, p.facts.domid);
    return frame;
  });

/** A given guest in the frames of its domain, with its pfns in the M2P. */
const withGuest = (
  w: Workbench,
  p: DomainParts,
  guest: PvGuest,
  domain: Domain,
  maps: readonly PvMapping[],
): Domain => {
  const granted = (w.known.grants.get(p.facts.domid) ?? []).map((g) => g.mfn);
  const special = new Set<number>([...p.pages.special, ...granted]);
  const frames = placePages(guest, p.pages.ordinary, special);
  frames.forEach((frame, i) => {
    if (frame !== 0) w.m2p[frame] = guest.pages.pfns[i] ?? 0;
  });
  w.notes.assume('m2p-entries', p.pages.ordinary.length, p.facts.domid);
  return putGuest(w, domain, guest, frames, maps);
};

/** The domain with its own tables in the cr3 of each vCPU that is up. */
const withTables = (
  w: Workbench,
  p: DomainParts,
  domain: Domain,
  maps: readonly PvMapping[],
): Domain => {
  const gdt = takeGdtFrames(w, p);
  const made = buildPvTables(
    p.pages.ordinary,
    maps,
    (f) => gdt.includes(f as Mfn),
    p.pages.takeUnseen,
  );
  if (made === null) w.notes.assume('no-page-tables', 1, p.facts.domid);
  else {
    w.notes.assume('page-tables', made.tables.length, p.facts.domid);
    storeTables(w, made);
  }
  return {
    ...domain,
    vcpus: domain.vcpus.map((v, i) => {
      const frame = gdt[i] ?? null;
      return {
        ...v,
        guestTable: v.initialised ? (made?.l4 ?? null) : null,
        gdtFrames: frame === null ? [] : [frame],
      };
    }),
  };
};

const translate = (
  w: Workbench,
  p: DomainParts,
  domain: Domain,
  wanted: Wanted,
  hostMaps: readonly HostMap[],
): Either<CompletionError, Domain> => {
  const id = p.facts.domid;
  const maps = wanted.own.get(id) ?? [];
  if (getsTables(p)) {
    const all = [...maps.map(asEntry), ...hostMaps.map(asGrantEntry)];
    const { guest } = p.facts;
    return right(
      guest?.type === 'pv' ? withGuest(w, p, guest, domain, all) : withTables(w, p, domain, all),
    );
  }
  const listed = wanted.listed.get(id);
  if (listed !== undefined) {
    const vcpus = domain.vcpus.map((v, i) => ({ ...v, guestTable: listed.guestTables[i] ?? null }));
    return right({ ...domain, vcpus });
  }
  if (!hasP2m(p.facts, p.life.teardown.phase)) return right(domain);
  const p2m = p2mOf(w, { facts: p.facts, pages: p.pages, hostMaps, foreign: maps });
  return p2m._tag === 'Left' ? left(p2m.left) : right({ ...domain, p2m: p2m.right });
};

/** Pfns of a PV guest's pages, ascending by frame; a translated one's come with its P2M. */
const writePfns = (w: Workbench, p: DomainParts): void => {
  p.pages.ordinary.forEach((frame, pfn) => {
    w.m2p[frame] = pfn;
  });
  w.notes.assume('m2p-entries', p.pages.ordinary.length, p.facts.domid);
};

/** All domains with their tables; the error: no memory for P2M tables. */
export const translateDomains = (
  w: Workbench,
  inputs: MappingInputs,
  domains: Readonly<Record<number, Domain>>,
): Either<CompletionError, Record<number, Domain>> => {
  const wanted = wantedMappings(w, inputs);
  const out: Record<number, Domain> = {};
  for (const p of inputs.parts) {
    const id = p.facts.domid;
    const isSaved = p.facts.guest?.type === 'pv';
    if (!isSaved && !hasP2m(p.facts, p.life.teardown.phase)) writePfns(w, p);
    const hostMaps = inputs.grantMaps.get(id)?.hostMaps ?? [];
    const done = translate(w, p, domains[id] as Domain, wanted, hostMaps);
    if (done._tag === 'Left') return done;
    out[id] = done.right;
  }
  return right(out);
};
