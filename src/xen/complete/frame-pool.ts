/**
 * The free frames of a host in the making, handed out from the top of memory
 * down, so that each zone of the heap ends with as many free pages as the
 * dump shows (key H; key u for a node; key m for the sum of the nodes).
 */
import { FLAG, type FrameTableDraft } from '../../host/frame-table.ts';
import { endOf, type FrameRange, intersect, range, subtract, union } from '../../host/ranges.ts';
import type { MemoryReading, NodeReading } from '../capture/reading.ts';

/** Free frames of one zone of one node, and how many of them are in use in truth. */
interface Group {
  readonly node: number | null;
  readonly ranges: readonly FrameRange[];
  /** Cursor: the range it is in and the next frame to look at. */
  at: number;
  next: number;
  /** Frames that may be taken before fewer are free than shown; infinite: not shown. */
  budget: number;
}

/** How the dump shows free memory: per node and zone, per zone, per node, or not at all. */
interface Shown {
  readonly frames: readonly FrameRange[];
  readonly node: number | null;
  readonly free: number | null;
}

/** Zone z holds the frames whose highest bit is z - 1. */
const zoneFrames = (zone: number): FrameRange => {
  const start = zone === 0 ? 0 : 2 ** (zone - 1);
  return range(zone === 1 ? 0 : start, zone === 0 ? 0 : zone === 1 ? 2 : start);
};

const nodeFrames = (n: NodeReading): FrameRange => range(n.startPfn, n.spannedPages);

const ALL = range(0, 2 ** 40);
/** 4 KiB pages in KiB. */
const PAGE_KIB = 4;

const shownFree = (memory: MemoryReading): Shown[] => {
  const nodes = memory.numa?.nodes ?? [];
  if (memory.heapZones !== undefined && memory.heapZones.length > 0)
    return memory.heapZones.map((z) => {
      const node = nodes.find((n) => n.node === z.node);
      const within = node === undefined ? [ALL] : [nodeFrames(node)];
      return {
        node: node === undefined ? null : z.node,
        frames: intersect([zoneFrames(z.zone)], within),
        free: z.freePages,
      };
    });
  if (memory.info !== undefined) {
    const free = new Map(memory.info.zones.map((z) => [z.zone, z.freeKiB / PAGE_KIB]));
    return [...Array(41).keys()].map((zone) => ({
      node: null,
      frames: [zoneFrames(zone)],
      free: Math.floor(free.get(zone) ?? 0),
    }));
  }
  if (nodes.length > 0)
    return nodes.map((n) => ({ node: n.node, frames: [nodeFrames(n)], free: n.freePages }));
  return [{ node: null, frames: [ALL], free: null }];
};

const countFree = (flags: Uint16Array, ranges: readonly FrameRange[]): number => {
  let n = 0;
  for (const r of ranges)
    for (let f = r.start; f < endOf(r); f++) if (((flags[f] as number) & FLAG.free) !== 0) n++;
  return n;
};

export interface FramePool {
  /**
   * Takes `count` free frames, highest first, of a node if one is named.
   * First what the shown free counts leave over, then what they do not.
   * Fewer come back when memory is used up. Flags of the frames become 0.
   */
  readonly take: (count: number, node?: number) => Uint32Array;
  /** Takes what the dump shows as used and nobody has taken; calls with each run. */
  readonly takeRest: (run: (r: FrameRange) => void) => void;
}

/**
 * A pool over the frames of `draft` that are FLAG.free. `lent`: frames of
 * memory that was free in truth and that the completion uses otherwise.
 */
export const createPool = (
  draft: FrameTableDraft,
  ram: readonly FrameRange[],
  memory: MemoryReading,
  lent: readonly FrameRange[],
): FramePool => {
  const { flags } = draft;
  const named = shownFree(memory);
  const beside = subtract(
    ram,
    union(
      named.flatMap((s) => s.frames),
      [],
    ),
  );
  const shown: Shown[] = [...named, { node: null, frames: beside, free: null }];
  const groups = shown
    .map((s): Group => {
      const ranges = intersect(ram, s.frames);
      const lentHere = intersect(lent, s.frames).reduce((n, r) => n + r.count, 0);
      const budget =
        s.free === null
          ? Number.POSITIVE_INFINITY
          : countFree(flags, ranges) - Math.max(0, s.free - lentHere);
      const at = ranges.length - 1;
      const last = ranges[at];
      return { node: s.node, ranges, at, next: last === undefined ? 0 : endOf(last) - 1, budget };
    })
    .filter((g) => g.ranges.length > 0)
    .sort((a, b) => (b.ranges[0]?.start ?? 0) - (a.ranges[0]?.start ?? 0));

  /** The next free frame of a group, taken; -1: none left. */
  const nextOf = (g: Group): number => {
    while (g.at >= 0) {
      const r = g.ranges[g.at] as FrameRange;
      for (; g.next >= r.start; g.next--)
        if (((flags[g.next] as number) & FLAG.free) !== 0) {
          flags[g.next] = 0;
          return g.next--;
        }
      g.at--;
      const below = g.ranges[g.at];
      if (below !== undefined) g.next = endOf(below) - 1;
    }
    return -1;
  };

  const fill = (out: Uint32Array, from: number, g: Group, most: number): number => {
    let n = from;
    while (n < out.length && n - from < most) {
      const f = nextOf(g);
      if (f < 0) break;
      out[n++] = f;
      g.budget--;
    }
    return n;
  };

  return {
    take: (count, node) => {
      const out = new Uint32Array(count);
      const mine = node === undefined ? groups : groups.filter((g) => g.node === node);
      let n = 0;
      for (const g of mine) if (g.budget > 0) n = fill(out, n, g, g.budget);
      for (const g of mine) n = fill(out, n, g, Number.POSITIVE_INFINITY);
      return n === count ? out : out.slice(0, n);
    },
    takeRest: (run) => {
      for (const g of groups) {
        let start = -1;
        let end = -1;
        while (g.budget > 0 && Number.isFinite(g.budget)) {
          const f = nextOf(g);
          if (f < 0) break;
          g.budget--;
          if (f !== start - 1) {
            if (start >= 0) run(range(start, end - start));
            end = f + 1;
          }
          start = f;
        }
        if (start >= 0) run(range(start, end - start));
      }
    },
  };
};
