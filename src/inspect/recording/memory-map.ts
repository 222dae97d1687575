/**
 * The memory of the host as runs of frames, in three layers: to whom a frame
 * belongs, what xen#2 may write, what it wrote. From the jump until xen#2 has
 * a frame table of its own nobody knows the owners; the map then goes on
 * showing what xen#1 left, because that is what is in danger.
 */
import { DOMID_FIRST_RESERVED } from '../../host/constants.ts';
import { FLAG, type FrameTable, frameCount } from '../../host/frame-table.ts';
import { maxFrames } from '../../host/hardware.ts';
import type { Host } from '../../host/host.ts';
import { endOf, type FrameRange, range, union } from '../../host/ranges.ts';
import { hostOf } from '../../liveupdate/update.ts';
import type { World } from '../../world/world.ts';
import type { FrameKind, Layer, Run } from './recording.ts';

/** Runs of a layer; a host that is more broken up is shown in blocks. */
const MAX_RUNS = 16_384;

/** Frame kinds, each with one index for the whole recording. 0 is reserved. */
export class Kinds {
  readonly list: FrameKind[] = [];
  readonly #index = new Map<string, number>();

  of(kind: FrameKind): number {
    const known = this.#index.get(kind.name);
    if (known !== undefined) return known;
    this.list.push(kind);
    this.#index.set(kind.name, this.list.length - 1);
    return this.list.length - 1;
  }
}

const RESERVED: FrameKind = { name: 'reserved, or no RAM', tone: 'reserved' };
const FREE: FrameKind = { name: 'free', tone: 'free' };
const IN_USE: FrameKind = { name: 'in use by Xen', tone: 'xen' };
const IMAGE: FrameKind = { name: "Xen's image", tone: 'xen' };
const BOOTMEM: FrameKind = { name: 'live-update bootmem', tone: 'bootmem' };
const M2P: FrameKind = { name: 'M2P', tone: 'm2p' };
const IOMMU: FrameKind = { name: 'IOMMU tables', tone: 'iommu' };
const STREAM: FrameKind = { name: 'the stream and its MFN array', tone: 'stream' };
const MAY: FrameKind = { name: 'xen#2 may write', tone: 'bootmem' };

const domainKind = (domid: number): FrameKind => ({ name: `d${domid}`, tone: 'domain', domid });
const leftKind = (domid: number): FrameKind => ({
  name: `d${domid}, as xen#1 left it`,
  tone: 'domain',
  domid,
});

const runsOf = (kinds: Uint16Array): Run[] => {
  const runs: Run[] = [];
  for (let f = 0; f < kinds.length; ) {
    const kind = kinds[f] as number;
    let end = f + 1;
    while (end < kinds.length && kinds[end] === kind) end++;
    runs.push([f, end - f, kind]);
    f = end;
  }
  return runs;
};

/** Where there are too many runs: blocks, each shown as what its first frame is. */
const inBlocks = (kinds: Uint16Array): Run[] => {
  const block = Math.ceil(kinds.length / MAX_RUNS);
  return runsOf(kinds.map((_, f) => kinds[f - (f % block)] as number));
};

const freeRanges = ({ flags }: FrameTable): FrameRange[] => {
  const found: FrameRange[] = [];
  const isFree = (f: number): boolean => ((flags[f] ?? 0) & FLAG.free) !== 0;
  for (let f = 0; f < flags.length; f++) {
    if (!isFree(f)) continue;
    const start = f;
    while (isFree(f + 1)) f++;
    found.push(range(start, f + 1 - start));
  }
  return found;
};

const ranges = (list: readonly FrameRange[], kind: number): Run[] =>
  list.slice(0, MAX_RUNS).map((r) => [r.start, r.count, kind]);

/** Runs that stay the same while all parts of the key are the same objects. */
interface Known {
  readonly key: readonly unknown[];
  readonly runs: readonly Run[];
}

const isFor = (known: Known | null, key: readonly unknown[]): known is Known =>
  known?.key.every((part, i) => part === key[i]) === true;

/** Makes the layers of one run of the model, step after step. */
export class MemoryMap {
  readonly kinds = new Kinds();
  #left: Uint16Array | null = null;
  #use: Known | null = null;
  #may: Known | null = null;

  constructor() {
    this.kinds.of(RESERVED);
  }

  layers(w: World): Readonly<Record<Layer, readonly Run[]>> {
    const host = hostOf(w);
    return { use: this.#useOf(w, host), may: this.#mayOf(w, host), wrote: this.#wroteOf(w, host) };
  }

  #useOf(w: World, host: Host): readonly Run[] {
    const { xen, hardware } = host;
    const key = [w.host === null, xen.frames, xen.private, xen.image, xen.bootmem, w.memory];
    if (isFor(this.#use, key)) return this.#use.runs;
    const kinds = new Uint16Array(maxFrames(hardware));
    if (w.host === null) this.#afterJump(kinds, xen.frames);
    else this.#owned(kinds, xen.frames);
    const fill = (r: FrameRange, kind: FrameKind): void => {
      kinds.fill(this.kinds.of(kind), r.start, endOf(r));
    };
    fill(hardware.m2p.frames, M2P);
    for (const f of xen.system.iommuFrames) fill(range(f, 1), IOMMU);
    if (w.memory !== null && (w.host !== null || frameCount(xen.frames) === 0)) {
      for (const f of w.memory.dataFrames) fill(range(f, 1), STREAM);
      fill(w.memory.array, STREAM);
    }
    for (const p of xen.private) fill(p.frames, { name: `Xen's ${p.use}`, tone: 'xen' });
    const placed = w.host === null && xen.image.count === 0 ? w.place : xen;
    if (placed !== null) {
      fill(placed.bootmem, BOOTMEM);
      fill(placed.image, IMAGE);
    }
    if (w.host !== null) this.#left = kinds;
    const made = runsOf(kinds);
    const runs = made.length > MAX_RUNS ? inBlocks(kinds) : made;
    this.#use = { key, runs };
    return runs;
  }

  #owned(kinds: Uint16Array, frames: FrameTable): void {
    const [free, inUse] = [this.kinds.of(FREE), this.kinds.of(IN_USE)];
    for (let f = 0; f < kinds.length; f++) {
      const owner = frames.owner[f] ?? DOMID_FIRST_RESERVED;
      const flags = frames.flags[f] ?? FLAG.reserved;
      if (owner < DOMID_FIRST_RESERVED) kinds[f] = this.kinds.of(domainKind(owner));
      else if ((flags & FLAG.free) !== 0) kinds[f] = free;
      else if ((flags & FLAG.reserved) === 0) kinds[f] = inUse;
    }
  }

  /** xen#2's own table where it has one; where it says nothing, what xen#1 left. */
  #afterJump(kinds: Uint16Array, frames: FrameTable): void {
    const left = this.#left;
    this.#owned(kinds, frames);
    const free = this.kinds.of(FREE);
    for (let f = 0; f < kinds.length; f++) {
      const was = left?.[f] ?? 0;
      const kind = this.kinds.list[was];
      const known = (frames.owner[f] ?? DOMID_FIRST_RESERVED) < DOMID_FIRST_RESERVED;
      if (known || kind === undefined) continue;
      if (kind.domid !== undefined) kinds[f] = this.kinds.of(leftKind(kind.domid));
      else if (frameCount(frames) === 0 || (kinds[f] === 0 && was !== free)) kinds[f] = was;
    }
  }

  #mayOf(w: World, host: Host): readonly Run[] {
    if (w.place === null) return [];
    const { xen } = host;
    const key = [w.place, w.host === null, xen.frames, xen.private, w.restoring?.usable];
    if (isFor(this.#may, key)) return this.#may.runs;
    const own = [w.place.bootmem, w.place.image];
    const opened = w.host === null && frameCount(xen.frames) > 0;
    const more = opened
      ? [...freeRanges(xen.frames), ...xen.private.map((p) => p.frames)]
      : (w.restoring?.usable ?? []);
    const runs = ranges(union(own, more), this.kinds.of(MAY));
    this.#may = { key, runs };
    return runs;
  }

  #wroteOf(w: World, host: Host): Run[] {
    if (w.host !== null) return [];
    return host.hardware.xenWrites
      .filter((write) => write.instance === host.xen.instance)
      .map((write): Run => {
        const kind = this.kinds.of({ name: `written by xen#2: ${write.use}`, tone: 'xen' });
        return [write.frames.start, write.frames.count, kind];
      })
      .sort((a, b) => a[0] - b[0]);
  }
}
