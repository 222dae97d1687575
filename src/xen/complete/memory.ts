/** The memory of a host in the making: RAM, Xen's own places, a pool of what is free. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { XenVersion } from '../../design/versions.ts';
import { DOMID_XEN } from '../../host/constants.ts';
import { emptyFrameTable, FLAG, type FrameTableDraft } from '../../host/frame-table.ts';
import type { PrivateMemory } from '../../host/host.ts';
import { endOf, type FrameRange, intersect, range, subtract } from '../../host/ranges.ts';
import type { MemoryReading, Reading } from '../capture/reading.ts';
import { systemTimeOf } from './build.ts';
import type { DomainFacts } from './domain-facts.ts';
import { claimKnown, frameDemand } from './domain-pages.ts';
import type { CompletionError } from './errors.ts';
import { createPool } from './frame-pool.ts';
import { type KnownPages, knownPages } from './known-pages.ts';
import { type Layout, LOW_FRAMES, layoutOf, xenDemand } from './layout.ts';
import { ramOf, shownRam } from './memory-map.ts';
import type { Notes } from './notes.ts';
import { freshM2p, own, reserve, type Workbench } from './workbench.ts';

export interface Memory {
  readonly bench: Workbench;
  readonly ram: readonly FrameRange[];
  readonly layout: Layout;
  readonly private: PrivateMemory[];
}

export interface MemoryInputs {
  readonly reading: Reading;
  readonly version: XenVersion;
  readonly domains: readonly DomainFacts[];
  /** Frames that a host may have. */
  readonly limit: number;
  readonly instance: number;
}

interface Places {
  readonly known: KnownPages;
  readonly ram: readonly FrameRange[];
  readonly layout: Layout;
}

/** Known pages, RAM around them, and where Xen lies in it. */
const placesOf = (inputs: MemoryInputs, notes: Notes): Either<CompletionError[], Places> => {
  const { reading, domains, limit } = inputs;
  const shown = shownRam(reading, limit);
  if (isLeft(shown)) return left([shown.left]);
  const known = knownPages(domains, shown.right?.ranges ?? null, limit, notes);
  if (isLeft(known)) return known;
  const demand = domains.reduce((n, d) => n + frameDemand(d), 0);
  const ram = ramOf(
    {
      reading,
      shown: shown.right,
      known: known.right.pages.keys(),
      demand: (maxFrames) => demand + xenDemand(maxFrames),
      limit,
    },
    notes,
  );
  if (isLeft(ram)) return left([ram.left]);
  const layout = layoutOf(
    {
      ram: ram.right,
      known: known.right.pages,
      imageBase: reading.boot.imageBase,
      demand,
    },
    notes,
  );
  if (isLeft(layout)) return left([layout.left]);
  return right({ known: known.right, ram: ram.right, layout: layout.right });
};

const frameTableOf = ({ ram, layout }: Places): FrameTableDraft => {
  const maxFrames = ram.reduce((n, r) => Math.max(n, endOf(r)), 0);
  const frames = emptyFrameTable(maxFrames);
  for (const r of ram) frames.flags.fill(FLAG.free, r.start, endOf(r));
  for (const r of [layout.image, layout.bootmem, layout.frameTable]) reserve(frames, r);
  // Shared read-only with privileged domains: type none, one type reference (F8.12).
  for (let f = layout.m2p.start; f < endOf(layout.m2p); f++)
    own(frames, f, DOMID_XEN, FLAG.allocated | FLAG.xenheap);
  return frames;
};

/** The first MiB, as far as no domain is known to own it, is the hypervisor's own. */
const keepLowMemory = ({ ram, known }: Places, frames: FrameTableDraft): FrameRange[] => {
  const taken = [...known.pages.keys()].filter((f) => f < LOW_FRAMES).map((f) => range(f, 1));
  const low = subtract(intersect(ram, [range(0, LOW_FRAMES)]), taken);
  for (const r of low) reserve(frames, r);
  return low;
};

/** Pages that the dump shows free and that a bootmem, which the host did not have, takes. */
const lentBy = ({ layout }: Places): FrameRange[] => [layout.bootmem];

/** Known pages are claimed, Xen's places reserved; everything else is free. */
export const layMemory = (
  inputs: MemoryInputs,
  notes: Notes,
): Either<CompletionError[], Memory> => {
  const placed = placesOf(inputs, notes);
  if (isLeft(placed)) return placed;
  const places = placed.right;
  const { layout, ram, known } = places;
  const frames = frameTableOf(places);
  const low = keepLowMemory(places, frames);
  notes.assume(
    'low-memory',
    low.reduce((n, r) => n + r.count, 0),
  );
  const base = {
    reading: inputs.reading,
    version: inputs.version,
    notes,
    known,
    frames,
    content: {},
    m2p: freshM2p(frames.owner.length),
    instance: inputs.instance,
    now: systemTimeOf(inputs.reading, notes),
  };
  claimKnown(base);
  const pool = createPool(frames, ram, inputs.reading.memory, lentBy(places));
  return right({
    bench: { ...base, pool },
    ram,
    layout,
    private: [
      { use: 'frametable', frames: layout.frameTable },
      ...low.map((r): PrivateMemory => ({ use: 'heap', frames: r })),
    ],
  });
};

/** Memory that the dump shows used and that nobody has yet is Xen's heap. */
export const keepUsedHeap = (memory: Memory): PrivateMemory[] => {
  const { bench } = memory;
  const kept: PrivateMemory[] = [];
  bench.pool.takeRest((r) => {
    reserve(bench.frames, r);
    kept.push({ use: 'heap', frames: r });
  });
  bench.notes.assume(
    'heap-in-use',
    kept.reduce((n, p) => n + p.frames.count, 0),
  );
  return kept;
};

/** Free pages of the zones that a dump shows, against those of the host. */
export const compareFree = (memory: Memory): void => {
  const { bench, layout } = memory;
  const shown = shownFreePages(bench.reading.memory);
  if (shown === null) return;
  let have = 0;
  for (const flags of bench.frames.flags) if ((flags & FLAG.free) !== 0) have++;
  const taken = shown - have;
  const mayTake = layout.bootmem.count + layout.m2p.count + layout.frameTable.count;
  if (taken > 0) bench.notes.assume('free-taken', Math.min(taken, mayTake));
  if (taken >= 0 && taken <= mayTake) return;
  bench.notes.contradict('free-pages', null, `${shown} pages are shown free, ${have} are`, {
    shown,
    have,
  });
};

/** Pages that the dump shows free, by the key that shows the most; null: by none. */
const shownFreePages = (memory: MemoryReading): number | null => {
  if (memory.heapZones !== undefined && memory.heapZones.length > 0)
    return memory.heapZones.reduce((n, z) => n + z.freePages, 0);
  if (memory.info !== undefined)
    return memory.info.zones.reduce((n, z) => n + Math.floor(z.freeKiB / 4), 0);
  const nodes = memory.numa?.nodes ?? [];
  return nodes.length === 0 ? null : nodes.reduce((n, node) => n + node.freePages, 0);
};
