/**
 * Page tables of a PV guest (F8.5), made up: a dump shows no table. One entry
 * for each page that the guest owns, in ascending order of frames, then one
 * for each mapping of other frames. This file alone knows how such tables
 * look; tables from elsewhere (a save stream) only have to give a `PvTables`.
 */
import { PTE, pte } from '../../host/content.ts';
import type { Mfn } from '../../host/ids.ts';

export type Level = 1 | 2 | 3 | 4;

export interface PvTable {
  readonly frame: Mfn;
  readonly level: Level;
  readonly entries: Uint32Array;
}

export interface PvTables {
  readonly tables: readonly PvTable[];
  /** The top table: pinned, and in each cr3. */
  readonly l4: Mfn;
}

/** One entry of an L1 besides those for the guest's own pages. */
export interface PvMapping {
  readonly frame: number;
  /** PTE bits besides `present`. */
  readonly flags: number;
}

const ENTRIES = 512;

/** Tables of each level, L1 first, that so many L1 entries need. */
const tableCounts = (entries: number): [number, number, number, number] => {
  const l1 = Math.max(1, Math.ceil(entries / ENTRIES));
  const l2 = Math.ceil(l1 / ENTRIES);
  const l3 = Math.ceil(l2 / ENTRIES);
  return [l1, l2, l3, 1];
};

/** Pages that tables of so many L1 entries fill. */
export const pvTablePages = (entries: number): number =>
  tableCounts(entries).reduce((a, b) => a + b, 0);

/** L1 entries one after the other, over as many tables as it takes. */
const fillL1 = (
  frames: readonly Mfn[],
  owned: Uint32Array,
  isReadOnly: (frame: number) => boolean,
  others: readonly PvMapping[],
): PvTable[] => {
  const entryAt = (i: number): number => {
    const own = owned[i];
    if (own !== undefined) return pte(own, PTE.present | (isReadOnly(own) ? 0 : PTE.rw));
    const other = others[i - owned.length] as PvMapping;
    return pte(other.frame, PTE.present | other.flags);
  };
  const total = owned.length + others.length;
  return frames.map((frame, t) => {
    const first = t * ENTRIES;
    const entries = new Uint32Array(Math.max(0, Math.min(ENTRIES, total - first)));
    for (let i = 0; i < entries.length; i++) entries[i] = entryAt(first + i);
    return { frame, level: 1, entries };
  });
};

/** Tables over the ones of the level below. */
const fillAbove = (frames: readonly Mfn[], level: Level, below: readonly PvTable[]): PvTable[] =>
  frames.map((frame, t) => {
    const children = below.slice(t * ENTRIES, (t + 1) * ENTRIES);
    return {
      frame,
      level,
      entries: Uint32Array.from(children, (c) => pte(c.frame, PTE.present | PTE.rw)),
    };
  });

/**
 * Builds the tables in the pages `take` gives, `pvTablePages` many of them.
 * Null when it gives fewer, or when the guest is larger than the slots of an
 * L4 below Xen's own (256 x 512 GiB).
 *
 * @param owned the guest's ordinary pages, the tables' own pages included
 * @param isReadOnly pages that may not be mapped writable besides the tables
 */
export const buildPvTables = (
  owned: Uint32Array,
  others: readonly PvMapping[],
  isReadOnly: (frame: number) => boolean,
  take: () => Mfn | null,
): PvTables | null => {
  const counts = tableCounts(owned.length + others.length);
  const taken: Mfn[] = [];
  for (let n = counts.reduce((a, b) => a + b, 0); n > 0; n--) {
    const frame = take();
    if (frame === null) return null;
    taken.push(frame);
  }
  const isTable = new Set<number>(taken);
  let at = 0;
  const next = (n: number): Mfn[] => {
    at += n;
    return taken.slice(at - n, at);
  };
  const l1 = fillL1(next(counts[0]), owned, (f) => isTable.has(f) || isReadOnly(f), others);
  const l2 = fillAbove(next(counts[1]), 2, l1);
  const l3 = fillAbove(next(counts[2]), 3, l2);
  const l4 = fillAbove(next(counts[3]), 4, l3);
  const top = l4[0] as PvTable;
  return { tables: [...l1, ...l2, ...l3, ...l4], l4: top.frame };
};
