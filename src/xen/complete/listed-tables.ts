/**
 * Page tables of a PV domain whose pages are all listed: small, or dying. The
 * types and counts of the tables are shown, their entries are not; entries
 * are assumed that give every listed page the counts it shows.
 */
import { PTE, pte } from '../../host/content.ts';
import { FLAG, setFlag, setType } from '../../host/frame-table.ts';
import { type Mfn, mfn } from '../../host/ids.ts';
import { type PageType, PGT } from '../../host/page-type.ts';
import type { DerivedCounts } from '../../host/references.ts';
import type { DomainFacts, ListedPage } from './domain-facts.ts';
import type { HostMap } from './maptrack.ts';
import type { ForeignMap } from './p2m-tables.ts';
import type { Level } from './pv-tables.ts';
import { allPages, type Found, missingMappings } from './surplus.ts';
import type { Workbench } from './workbench.ts';

/** Slots of a table that a guest may fill: 512, and of an L4 those below Xen's (F8.16). */
const SLOTS = 512;
const SLOTS_OF_L4 = 256;

interface Table {
  readonly frame: Mfn;
  readonly level: Level;
  readonly entries: number[];
  readonly slots: number;
}

export interface ListedTables {
  /** Frame in the cr3 of each vCPU, null: none. */
  readonly guestTables: readonly (Mfn | null)[];
  /** References for which the domain's own tables have no room. */
  readonly left: readonly ForeignMap[];
}

/** Tables being filled: the first of a level that has a free slot gets the next entry. */
const createTables = () => {
  const byLevel: Record<Level, Table[]> = { 1: [], 2: [], 3: [], 4: [] };
  const open: Record<Level, number> = { 1: 0, 2: 0, 3: 0, 4: 0 };
  return {
    add: (frame: number, level: Level): void => {
      const slots = level === 4 ? SLOTS_OF_L4 : SLOTS;
      byLevel[level].push({ frame: mfn(frame), level, entries: [], slots });
    },
    /** Enters into a table of `level`; false: all are full. */
    enter: (level: Level, entry: number): boolean => {
      for (; open[level] < byLevel[level].length; open[level]++) {
        const table = byLevel[level][open[level]] as Table;
        if (table.entries.length >= table.slots) continue;
        table.entries.push(entry);
        return true;
      }
      return false;
    },
    all: (): Table[] => Object.values(byLevel).flat(),
  };
};

type Tables = ReturnType<typeof createTables>;

/** A table of any level but L1, whose validation cannot be interrupted (F8.7). */
const isPartial = (page: ListedPage, level: Level): boolean => page.taf.partial && level > 1;

/** The flag owns the only type reference, and since XSA-299 a general one (F8.7, F8.8). */
const acceptPartial = (
  { frames, content, version }: Workbench,
  frame: number,
  level: Level,
): Found => {
  setType(frames, frame, level as PageType);
  setFlag(frames, frame, FLAG.partial);
  frames.partial[frame] = { nrValidatedPtes: 0, partialSet: false };
  content[frame] = { kind: 'pagetable', entries: new Uint32Array(0), xenSlots: null };
  return { general: version.countRules.partialHoldsGeneralRef ? 1 : 0, type: 1 };
};

/**
 * Accepts a listed table if as much as one of its type references can be
 * held: by the pin, by cr3 of a vCPU, by entries of the level above.
 */
const acceptTable = (
  w: Workbench,
  page: ListedPage,
  level: Level,
  tables: Tables,
  guestTables: (Mfn | null)[],
): Found => {
  const { mfn: frame, taf } = page;
  let held = taf.pinned ? 1 : 0;
  while (held < taf.count) {
    if (level < 4) {
      if (!tables.enter((level + 1) as Level, pte(frame, PTE.present | PTE.rw))) break;
    } else {
      const vcpu = guestTables.indexOf(null);
      if (vcpu < 0) break;
      guestTables[vcpu] = mfn(frame);
    }
    held++;
  }
  if (held === 0) return { general: 0, type: 0 };
  setType(w.frames, frame, level as PageType);
  setFlag(w.frames, frame, FLAG.validated);
  if (taf.pinned) setFlag(w.frames, frame, FLAG.pinned);
  tables.add(frame, level);
  return { general: held, type: held };
};

/** Tables and all mappings of one domain. `mayRun`: its vCPUs can have a cr3. */
export const listedTablesOf = (
  w: Workbench,
  d: DomainFacts,
  base: DerivedCounts,
  hostMaps: readonly HostMap[],
  mayRun: boolean,
): ListedTables => {
  const tables = createTables();
  const guestTables = d.reading.vcpus.map((): Mfn | null => null);
  const cr3: (Mfn | null)[] = mayRun ? guestTables : [];
  const pages = allPages(d);
  const found = new Map<number, Found>();
  for (const level of [4, 3, 2, 1] as const)
    for (const page of pages) {
      if (page.reading.list !== 'DomPage' || page.taf.type !== level || page.taf.count === 0)
        continue;
      // A page that something else uses by another type cannot be a table (F8.3).
      if ((base.typeCount[page.mfn] ?? 0) > 0) continue;
      found.set(
        page.mfn,
        isPartial(page, level)
          ? acceptPartial(w, page.mfn, level)
          : acceptTable(w, page, level, tables, cr3),
      );
    }
  const left: ForeignMap[] = [];
  for (const page of pages)
    for (const m of missingMappings(page, base, found.get(page.mfn))) {
      const flags = PTE.present | (m.writable ? PTE.rw : 0);
      if (!tables.enter(1, pte(m.frame, flags))) left.push(m);
    }
  for (const m of hostMaps)
    tables.enter(1, pte(m.frame, PTE.present | PTE.grant | (m.writable ? PTE.rw : 0)));
  let entries = 0;
  for (const t of tables.all()) {
    entries += t.entries.length;
    w.content[t.frame] = {
      kind: 'pagetable',
      entries: Uint32Array.from(t.entries),
      xenSlots: t.level === PGT.l4 ? w.instance : null,
    };
  }
  w.notes.assume('listed-tables', entries, d.domid);
  return { guestTables, left };
};
