/**
 * xen#2 from its first instruction to the open heap. Its world is the
 * hand-over alone: memory, a command line, its own build. Every check that
 * fails here is after the point of no return and so a crash of the host
 * (R44, Q8(a)).
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../design/design.ts';
import { PAGE_SIZE } from '../host/constants.ts';
import { emptyFrameTable } from '../host/frame-table.ts';
import { contentOf, type Hardware, maxFrames, xenWrites } from '../host/hardware.ts';
import type { Xen } from '../host/host.ts';
import {
  endOf,
  type FrameRange,
  framesOf,
  fromFrames,
  range,
  subtract,
  union,
} from '../host/ranges.ts';
import { describeStreamError, sourcesOfStreamError } from '../stream/errors.ts';
import type { LuStream } from '../stream/reader.ts';
import { readStream } from '../stream/reader.ts';
import { decodeBreadcrumb, decodeMfnArray, MFNS_PER_PAGE } from './breadcrumb.ts';
import { findLiveUpdate, regionOf } from './command-line.ts';
import { BEHIND_END, type Handover } from './handover.ts';
import { imageSpan } from './placement.ts';

/** xen#2 found something that it cannot go on with. */
export interface Crash {
  readonly what: string;
  readonly sources: readonly string[];
}
export const crash = (what: string, ...sources: string[]): E.Either<Crash, never> =>
  E.left({ what, sources });

/** xen#2 while it restores: a host in the making, the stream, and what memory it may use. */
export interface Restoring {
  readonly hardware: Hardware;
  readonly xen: Xen;
  readonly stream: LuStream | null;
  /** Frames that carry the stream and its array: kept until it is read. */
  readonly streamFrames: readonly FrameRange[];
  /** Frames that xen#2 may write before the heap opens (R26). */
  readonly usable: readonly FrameRange[];
  /** The IOMMU is this Xen's: its root was found where the stream says (R34). */
  readonly iommuTaken: boolean;
}

/** Frames that an early boot takes before it can read the stream: tables, stacks, the mapping of the stream. */
export const EARLY_FRAMES = 64;
/** Bytes of struct page_info, Xen-internal: the size of a frame table. */
const PAGE_INFO_BYTES = 32;
/** Frames of a frame table for a machine. */
export const frameTableFrames = (hw: Hardware): number =>
  Math.ceil((maxFrames(hw) * PAGE_INFO_BYTES) / PAGE_SIZE);

/** RAM as the firmware's map shows it, highest first: what looks free to a Xen that did not read the stream. */
const topOfRam = (hw: Hardware, frames: number, avoid: readonly FrameRange[]): number | null => {
  const open = subtract(hw.ram, avoid).filter((r) => r.count >= frames);
  const last = open[open.length - 1];
  return last === undefined ? null : endOf(last) - frames;
};

/** xen#2 at its entry point: nothing allocated, nothing known but its command line and build. */
export const enter = (handover: Handover): Restoring => ({
  hardware: handover.hardware,
  xen: {
    instance: handover.self,
    build: handover.build,
    commandLine: handover.commandLine,
    // NOW() starts near 0 at each boot (F10.12).
    now: 0,
    timeOffset: -handover.hardware.platformTime,
    image: range(0, 0),
    bootmem: range(0, 0),
    private: [],
    domains: {},
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
    frames: emptyFrameTable(0),
  },
  stream: null,
  streamFrames: [],
  usable: [],
  iommuTaken: false,
});

/** First instructions: find bootmem, take early memory from it and from nowhere else (R26). */
export const boot = (r: Restoring, design: Design): E.Either<Crash, Restoring> => {
  const { hardware, xen } = r;
  const option = findLiveUpdate(xen.commandLine);
  if (E.isLeft(option)) return crash(option.left, 'F1.7');
  const bootmem = option.right === null ? null : regionOf(option.right);
  if (bootmem === null) return crash('no liveupdate= with an address', 'R24', 'F1.6');
  if (subtract([bootmem], hardware.ram).length > 0) return crash('bootmem is not all RAM', 'F1.7');
  // The image's own extent: linked in, so known without being told (R28).
  const image = range(endOf(bootmem), imageSpan(xen.build.imageFrames));
  if (bootmem.count <= EARLY_FRAMES)
    return crash(`bootmem of ${bootmem.count} frames is too small to boot`, 'R23');
  const early = keeps(design, 'R26')
    ? range(bootmem.start + 1, EARLY_FRAMES)
    : lookedFree(hardware, EARLY_FRAMES, [bootmem, image]);
  if (early === null) return crash('no memory to boot with', 'R23');
  return E.right({
    ...r,
    hardware: xenWrites(hardware, early, xen.instance, 'boot'),
    xen: { ...xen, image, bootmem },
    usable: subtract([bootmem], [early]),
  });
};

const lookedFree = (
  hw: Hardware,
  frames: number,
  avoid: readonly FrameRange[],
): FrameRange | null => {
  const at = topOfRam(hw, frames, avoid);
  return at === null ? null : range(at, frames);
};

/** Bytes of pages that should hold hypervisor data, or which of them does not. */
const gather = (hw: Hardware, frames: readonly number[]): E.Either<number, Uint8Array> => {
  const bytes = new Uint8Array(frames.length * PAGE_SIZE);
  for (const [i, f] of frames.entries()) {
    const page = contentOf(hw, f, 'bytes');
    if (page === null) return E.left(f);
    bytes.set(page.data, i * PAGE_SIZE);
  }
  return E.right(bytes);
};

const hex = (n: number): string => `0x${n.toString(16)}`;

/** Breadcrumb, MFN array, stream: in this order, each checked before the next is touched. */
export const mapStream = (r: Restoring, design: Design): E.Either<Crash, Restoring> => {
  const { hardware: hw, xen } = r;
  const first = contentOf(hw, xen.bootmem.start, 'bytes');
  if (first === null) return crash('no breadcrumb at the start of bootmem', 'R32');
  const crumb = decodeBreadcrumb(first.data, keeps(design, 'R32'));
  if (E.isLeft(crumb)) return crash(crumb.left, 'R32', 'F1.1');
  const { arrayFrame, pages } = crumb.right;
  if (pages > maxFrames(hw))
    return crash(`the breadcrumb names ${pages} pages, more than RAM has`, 'R32');
  const array = range(arrayFrame, Math.ceil(pages / MFNS_PER_PAGE));
  const arrayBytes = gather(hw, [...framesOf([array])]);
  if (E.isLeft(arrayBytes))
    return crash(`the MFN array's page ${hex(arrayBytes.left)} was overwritten`, 'R30', 'R31');
  const frames = decodeMfnArray(arrayBytes.right, pages);
  if (E.isLeft(frames)) return crash(frames.left, 'R31');
  const bytes = gather(hw, frames.right);
  if (E.isLeft(bytes)) return crash(`stream page ${hex(bytes.left)} was overwritten`, 'R30', 'S28');
  const stream = readStream(bytes.right);
  if (E.isLeft(stream))
    return crash(describeStreamError(stream.left), ...sourcesOfStreamError(stream.left));
  const end = stream.right.bytes;
  if (
    bytes.right.length - end >= PAGE_SIZE ||
    bytes.right.subarray(end).some((b) => b !== BEHIND_END)
  )
    return crash(`0x${end.toString(16)}: END, but the stream was longer`, 'R31', 'F1.14');
  return E.right({
    ...r,
    stream: stream.right,
    streamFrames: union(fromFrames(frames.right), [array]),
  });
};
