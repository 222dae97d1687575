/** The start of every built host: a Xen on its hardware, without domains. */
import { FRAMES_PER_2M, INVALID_M2P_ENTRY, PAGE_SIZE } from '../constants.ts';
import { emptyFrameTable, FLAG } from '../frame-table.ts';
import { type FrameRange, range } from '../ranges.ts';
import { BuildError, type HostDraft, type HostOptions } from './draft.ts';
import { allocate, keepForXen, keepPrivate, shareWithXen } from './memory.ts';

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

/** [0, ramFrames) without the holes, which must be ascending. */
const ramOutside = (ramFrames: number, holes: readonly FrameRange[]): FrameRange[] => {
  const ram: FrameRange[] = [];
  let at = 0;
  for (const hole of holes) {
    if (hole.start > at) ram.push(range(at, hole.start - at));
    at = hole.start + hole.count;
  }
  if (at < ramFrames) ram.push(range(at, ramFrames - at));
  return ram;
};

/**
 * A Xen without domains: image, bootmem below it, frametable, some private
 * heap, M2P, and the rest of memory free. Frame 0 is never used.
 */
export const buildHost = (options: HostOptions = {}): HostDraft => {
  const ramFrames = options.ramFrames ?? 2048;
  const image = range(
    options.imageStart ?? 1024,
    roundUp(options.imageFrames ?? FRAMES_PER_2M, FRAMES_PER_2M),
  );
  const bootmemFrames = options.bootmemFrames ?? FRAMES_PER_2M;
  const bootmem = range(image.start - bootmemFrames, bootmemFrames);
  if (image.start % FRAMES_PER_2M !== 0 || bootmem.start < 1 || bootmemFrames % FRAMES_PER_2M !== 0)
    throw new BuildError('image and bootmem must be multiples of 2 MiB, above frame 0');
  if (image.start + image.count > ramFrames) throw new BuildError('the image is not within RAM');

  const frames = emptyFrameTable(ramFrames);
  frames.flags.fill(FLAG.free);
  for (const r of [range(0, 1), image, bootmem, ...(options.holes ?? [])]) keepForXen(frames, r);
  const megabytes = (bootmemFrames * PAGE_SIZE) / 2 ** 20;
  const now = options.now ?? 1_000_000_000_000;
  const draft: HostDraft = {
    rules: options.rules ?? { partialHoldsGeneralRef: true },
    hardware: {
      ram: ramOutside(ramFrames, options.holes ?? []),
      cpus: options.cpus ?? 2,
      content: {},
      xenWrites: [{ frames: { ...image }, instance: 1, use: 'image' }],
      m2p: { frames: range(0, 0), entries: new Uint32Array(ramFrames).fill(INVALID_M2P_ENTRY) },
      iommuRoot: null,
      platformTime: now,
    },
    xen: {
      instance: 1,
      build: {
        version: options.version ?? '4.17',
        imageFrames: options.imageFrames ?? FRAMES_PER_2M,
        gnttabMaxVersion: 2,
        gnttabMaxFrames: 64,
        gnttabMaxMaptrackFrames: 1024,
      },
      commandLine: `placeholder console=com1 liveupdate=${megabytes}M`,
      now,
      timeOffset: 0,
      image: { ...image },
      bootmem: { ...bootmem },
      private: [],
      system: {
        virqHandlers: {},
        domXenShares: [],
        traceBuffers: [],
        kexec: { default: null, crash: null },
        tasklets: [],
        rcu: [],
        destroying: [],
        iommuFrames: [],
        unsupported: [],
      },
    },
    frames,
    domains: {},
    cursor: 1,
  };
  keepPrivate(draft, 'frametable', Math.ceil((ramFrames * 32) / PAGE_SIZE));
  keepPrivate(draft, 'heap', 4);
  const m2p = allocate(draft, Math.ceil((ramFrames * 8) / PAGE_SIZE));
  draft.hardware.m2p.frames = { ...m2p };
  shareWithXen(draft, m2p);
  return draft;
};
