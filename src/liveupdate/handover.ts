/**
 * Hand-over (R30 to R32, R28): the stream goes into pages outside bootmem, an
 * array names them, kexec_reloc copies xen#2 over the space of bootmem and
 * xen#1, and writes the breadcrumb last. What comes out is all that xen#2
 * gets: its type holds no way back to xen#1's objects.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../design/design.ts';
import { PAGE_SIZE } from '../host/constants.ts';
import type { PageContent } from '../host/content.ts';
import { type Hardware, xenWrites } from '../host/hardware.ts';
import type { Host } from '../host/host.ts';
import { mfn } from '../host/ids.ts';
import { type FrameRange, range } from '../host/ranges.ts';
import type { XenBuild } from '../host/system.ts';
import { findFree, findFreeRun, giveBack, takeFrames } from './alloc.ts';
import { encodeBreadcrumb, encodeMfnArray } from './breadcrumb.ts';
import type { Placement } from './placement.ts';

/** All that xen#2 starts with. */
export interface Handover {
  readonly hardware: Hardware;
  readonly commandLine: string;
  readonly build: XenBuild;
  /** Which instance of Xen it is itself: stands for the addresses in its own image (F8.16). */
  readonly self: number;
}

/** Memory that will carry the stream, taken before the save so that the stream can name it. */
export interface StreamMemory {
  readonly dataFrames: readonly number[];
  readonly array: FrameRange;
}

/**
 * Takes memory for a stream of `bytes` from xen#1's heap, which never holds
 * bootmem (R30, F1.4); without R30 it comes out of bootmem itself (S28).
 */
export const takeStreamMemory = (
  host: Host,
  bytes: number,
  design: Design,
): E.Either<string, { host: Host; memory: StreamMemory }> => {
  const pages = Math.max(1, Math.ceil(bytes / PAGE_SIZE));
  const arrayPages = Math.ceil((pages * 8) / PAGE_SIZE);
  if (!keeps(design, 'R30')) {
    const first = host.xen.bootmem.start + 1;
    if (host.xen.bootmem.count <= pages + arrayPages)
      return E.left('bootmem has no room for the stream');
    const dataFrames = Array.from({ length: pages }, (_, i) => first + i);
    return E.right({ host, memory: { dataFrames, array: range(first + pages, arrayPages) } });
  }
  const arrayStart = findFreeRun(host.xen.frames, arrayPages);
  if (arrayStart === null) return E.left(`no ${arrayPages} adjacent free frames for the MFN array`);
  const array = range(arrayStart, arrayPages);
  const withArray = takeFrames(host, framesIn(array));
  const dataFrames = findFree(withArray.xen.frames, pages);
  if (dataFrames === null) return E.left(`no ${pages} free frames for the stream`);
  return E.right({ host: takeFrames(withArray, dataFrames), memory: { dataFrames, array } });
};

const framesIn = (r: FrameRange): number[] =>
  Array.from({ length: r.count }, (_, i) => r.start + i);

/**
 * What fills the last page behind END. END itself is all zeroes, so that of a
 * stream whose tail is lost to zeroes nothing else would say it.
 */
export const BEHIND_END = 0xff;

const bytesAt = (bytes: Uint8Array, page: number, behind: number): PageContent => {
  const data = new Uint8Array(PAGE_SIZE).fill(behind);
  data.set(bytes.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE));
  return { kind: 'bytes', data };
};

/** Writes the stream and its MFN array into the memory taken for them. */
export const writeStream = (host: Host, memory: StreamMemory, stream: Uint8Array): Host => {
  const content: Record<number, PageContent> = { ...host.hardware.content };
  memory.dataFrames.forEach((f, i) => {
    content[f] = bytesAt(stream, i, BEHIND_END);
  });
  const array = encodeMfnArray(memory.dataFrames);
  framesIn(memory.array).forEach((f, i) => {
    content[f] = bytesAt(array, i, 0);
  });
  return { ...host, hardware: { ...host.hardware, content } };
};

/** Undoes both before the point of no return (PNR-1). */
export const releaseStream = (host: Host, memory: StreamMemory, design: Design): Host => {
  const content: Record<number, PageContent> = { ...host.hardware.content };
  const frames = [...memory.dataFrames, ...framesIn(memory.array)];
  for (const f of frames) delete content[f];
  const clean = { ...host, hardware: { ...host.hardware, content } };
  return keeps(design, 'R30') ? giveBack(clean, frames) : clean;
};

/** The IOMMU's root as a design without R33 has it: in bootmem, which xen#2 boots in (S43). */
const iommuInBootmem = (hw: Hardware, bootmem: FrameRange): Hardware => {
  const root = hw.iommuRoot === null ? undefined : hw.content[hw.iommuRoot];
  if (root === undefined) return hw;
  const at = mfn(bootmem.start + 1);
  return { ...hw, iommuRoot: at, content: { ...hw.content, [at]: root } };
};

/** The point of no return: after this xen#1 is gone. */
export const jump = (
  host: Host,
  memory: StreamMemory,
  place: Placement,
  image: { readonly build: XenBuild; readonly commandLine: string },
  design: Design,
): Handover => {
  const self = host.xen.instance + 1;
  const written = xenWrites(host.hardware, place.image, self, 'image');
  const copied = keeps(design, 'R33') ? written : iommuInBootmem(written, place.bootmem);
  const breadcrumb: PageContent = {
    kind: 'bytes',
    data: encodeBreadcrumb(
      { arrayFrame: memory.array.start, pages: memory.dataFrames.length },
      keeps(design, 'R32'),
    ),
  };
  return {
    hardware: { ...copied, content: { ...copied.content, [place.bootmem.start]: breadcrumb } },
    commandLine: image.commandLine,
    build: image.build,
    self,
  };
};
