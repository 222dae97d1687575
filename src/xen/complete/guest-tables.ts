/**
 * The page tables of a given PV guest in frames, in place of made-up ones
 * (F8.5, F8.6). A guest is saved when it has let go of its shared_info and
 * grant frames; where the dump shows them mapped, the entries are added in
 * free slots of its L1 tables.
 */
import { PTE, pte } from '../../host/content.ts';
import type { Domain } from '../../host/domain.ts';
import { FLAG, setFlag, setType } from '../../host/frame-table.ts';
import { type Mfn, mfn } from '../../host/ids.ts';
import type { PageType } from '../../host/page-type.ts';
import type { PvGuest } from '../migration/guest-image.ts';
import { pageIndex } from '../migration/page-list.ts';
import { PTE_RW } from '../migration/page-tables.ts';
import { isPinned, tableLevel } from '../migration/record-types.ts';
import { checkTables } from '../migration/table-check.ts';
import type { PvMapping } from './pv-tables.ts';
import type { Workbench } from './workbench.ts';

const SLOTS = 512;

interface Table {
  readonly frame: Mfn;
  readonly level: number;
  readonly pinned: boolean;
  readonly entries: Uint32Array;
}

/** Tables that something refers to; the others are plain memory, whatever they once were (F8.3). */
const tablesInUse = (guest: PvGuest, frames: Uint32Array): Table[] => {
  const { pages, tables } = guest;
  const idle = new Set(checkTables(guest).idleTables);
  const frameOf = (pfn: number): number => frames[pageIndex(pages, pfn)] ?? 0;
  return [...tables.pfns()]
    .filter((pfn) => !idle.has(pfn))
    .map((pfn) => {
      const type = pages.types[pageIndex(pages, pfn)] ?? 0;
      const entries = new Uint32Array(SLOTS);
      tables.present(pfn, (slot, flags, target) => {
        const rw = (flags & PTE_RW) === 0 ? 0 : PTE.rw;
        entries[slot] = pte(frameOf(target), PTE.present | rw);
      });
      return { frame: mfn(frameOf(pfn)), level: tableLevel(type), pinned: isPinned(type), entries };
    });
};

/** Adds entries in free slots of L1 tables; gives those for which there is none. */
const addMappings = (tables: readonly Table[], maps: readonly PvMapping[]): PvMapping[] => {
  const left = [...maps];
  for (const { level, entries } of tables) {
    if (level !== 1) continue;
    for (let slot = 0; slot < SLOTS && left.length > 0; slot++) {
      if (entries[slot] !== 0) continue;
      const { frame, flags } = left.shift() as PvMapping;
      entries[slot] = pte(frame, PTE.present | flags);
    }
  }
  return left;
};

/** Entries between tables of one level, on both ends (F8.6). */
const countLinear = (w: Workbench, guest: PvGuest, frames: Uint32Array): void => {
  const { pages } = guest;
  const { refs } = checkTables(guest);
  for (const pfn of guest.tables.pfns()) {
    const index = pageIndex(pages, pfn);
    const count = refs.linear(index);
    if (count !== 0) w.frames.linear[frames[index] ?? 0] = count;
  }
};

/**
 * Writes the tables, types, pins and pfns of a guest into the host, and gives
 * the domain with its vCPUs' roots and descriptor tables. `maps`:
 * what the domain has mapped besides its own pages.
 */
export const putGuest = (
  w: Workbench,
  domain: Domain,
  guest: PvGuest,
  frames: Uint32Array,
  maps: readonly PvMapping[],
): Domain => {
  const { domid } = domain;
  const { notes } = w;
  const frameOf = (pfn: number): Mfn => mfn(frames[pageIndex(guest.pages, pfn)] ?? 0);
  const tables = tablesInUse(guest, frames);
  const left = addMappings(tables, maps);
  notes.assume('saved-mappings', maps.length - left.length, domid);
  if (left.length > 0)
    notes.contradict(
      'saved-mappings',
      domid,
      `d${domid}: its L1 tables have no free slot for ${left.length} more mappings`,
    );
  for (const { frame, level, pinned, entries } of tables) {
    setType(w.frames, frame, level as PageType);
    setFlag(w.frames, frame, FLAG.validated);
    if (pinned) setFlag(w.frames, frame, FLAG.pinned);
    w.content[frame] = { kind: 'pagetable', entries, xenSlots: level === 4 ? w.instance : null };
  }
  countLinear(w, guest, frames);
  const saved = new Map(guest.vcpus.map((v) => [v.id, v]));
  return {
    ...domain,
    vcpus: domain.vcpus.map((v) => {
      const was = saved.get(v.id);
      if (was === undefined) return v;
      return {
        ...v,
        guestTable: frameOf(was.rootPfn),
        guestTableUser: was.userRootPfn === undefined ? null : frameOf(was.userRootPfn),
        gdtFrames: was.gdtPfns.map(frameOf),
      };
    }),
  };
};
