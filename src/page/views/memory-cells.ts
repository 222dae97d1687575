/** The memory map as a grid of cells: pure, so that it can be tested without a browser. */
import type { FrameKind, Run } from '../../inspect/recording/recording.ts';

export interface CellOf {
  /** First frame, and how many. */
  readonly start: number;
  readonly count: number;
  /** Index of the kind that is shown: what is most worth seeing in it. */
  readonly kind: number;
  readonly may: boolean;
  readonly wrote: boolean;
}

/** What wins where a cell holds several kinds: rare things first. */
const RANK: Readonly<Record<FrameKind['tone'], number>> = {
  stream: 0,
  iommu: 1,
  domain: 2,
  m2p: 3,
  xen: 4,
  bootmem: 5,
  free: 6,
  reserved: 7,
};

const overlaps = (runs: readonly Run[], start: number, end: number): readonly Run[] => {
  let lo = 0;
  let hi = runs.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    const run = runs[mid] as Run;
    if (run[0] + run[1] <= start) lo = mid + 1;
    else hi = mid;
  }
  const found: Run[] = [];
  for (let i = lo; i < runs.length && (runs[i] as Run)[0] < end; i++) found.push(runs[i] as Run);
  return found;
};

/** At most `most` cells over all frames. */
export const cellsOf = (
  frames: number,
  kinds: readonly FrameKind[],
  layers: Readonly<Record<'use' | 'may' | 'wrote', readonly Run[]>>,
  most: number,
): readonly CellOf[] => {
  const size = Math.max(1, Math.ceil(frames / most));
  const cells: CellOf[] = [];
  for (let start = 0; start < frames; start += size) {
    const end = Math.min(frames, start + size);
    let kind = 0;
    let rank = Number.POSITIVE_INFINITY;
    for (const run of overlaps(layers.use, start, end)) {
      const r = RANK[kinds[run[2]]?.tone ?? 'reserved'];
      if (r < rank) [kind, rank] = [run[2], r];
    }
    cells.push({
      start,
      count: end - start,
      kind,
      may: overlaps(layers.may, start, end).length > 0,
      wrote: overlaps(layers.wrote, start, end).length > 0,
    });
  }
  return cells;
};

export interface Conflict {
  readonly start: number;
  readonly count: number;
  readonly owner: string;
  readonly by: string;
}

/** Where xen#2 wrote over memory that domains, the M2P or the IOMMU still need. */
export const conflictsOf = (
  kinds: readonly FrameKind[],
  use: readonly Run[],
  wrote: readonly Run[],
): readonly Conflict[] =>
  wrote.flatMap(([start, count, by]) =>
    overlaps(use, start, start + count).flatMap((run): Conflict[] => {
      const kind = kinds[run[2]];
      if (kind === undefined || !['domain', 'm2p', 'iommu', 'stream'].includes(kind.tone))
        return [];
      const from = Math.max(start, run[0]);
      const to = Math.min(start + count, run[0] + run[1]);
      return [{ start: from, count: to - from, owner: kind.name, by: kinds[by]?.name ?? '' }];
    }),
  );

/** Frames of each kind, for the legend; kinds without frames are left out. */
export const totalsOf = (use: readonly Run[]): ReadonlyMap<number, number> => {
  const totals = new Map<number, number>();
  for (const [, count, kind] of use) totals.set(kind, (totals.get(kind) ?? 0) + count);
  return totals;
};
