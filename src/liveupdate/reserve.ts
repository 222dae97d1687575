/**
 * From the mapped stream to the open heap: global records, reservations,
 * frame table, heap (section 11, rules 2 and 3). What is reserved here is
 * what any domain, DOMID_XEN or a device may still use; all other RAM is
 * free afterwards, and dirty (F8.14).
 */
import * as E from 'fp-ts/lib/Either.js';
import { type Design, keeps } from '../design/design.ts';
import { numericEntries, numericKeys } from '../host/codec.ts';
import { emptyFrameTable, FLAG, type FrameTableDraft } from '../host/frame-table.ts';
import { type Hardware, maxFrames, xenWrites } from '../host/hardware.ts';
import type { PrivateMemory, Xen } from '../host/host.ts';
import {
  endOf,
  type FrameRange,
  fromFrames,
  intersect,
  range,
  subtract,
  union,
} from '../host/ranges.ts';
import type { LuStream } from '../stream/reader.ts';
import { type Crash, crash, frameTableFrames, type Restoring } from './boot.ts';
import { shareWithDomXen } from './restore/shares.ts';

/** Frames that the domains of the stream own or use, in any way (R22, R55). */
const framesOfDomains = (stream: LuStream): FrameRange[] =>
  numericEntries(stream.domains).reduce<FrameRange[]>((all, [, d]) => {
    const { start, count } = d.PAGES.runs;
    const pages = Array.from(start, (s, i) => range(s, count[i] as number));
    return union(all, [
      ...pages,
      ...fromFrames(d.XENHEAP.pages.map((p) => p.frame)),
      ...(d.P2M === undefined ? [] : fromFrames(d.P2M.tables)),
    ]);
  }, []);

/** Frames of the system's own that must survive: M2P, IOMMU tables, shares, traces (rule 2). */
const framesOfSystem = (stream: LuStream): FrameRange[] => {
  const g = stream.globals;
  return union(
    [g.M2P.frames],
    [
      ...(g.IOMMU === undefined ? [] : fromFrames([g.IOMMU.root, ...g.IOMMU.tables])),
      ...(g.DOMXEN_SHARES?.shares.map((s) => s.frames) ?? []),
      ...fromFrames(g.TRACE_BUFFERS?.frames ?? []),
    ],
  );
};

/** The first run of `n` frames in what may be used, lowest first. */
const takeFrom = (usable: readonly FrameRange[], n: number): FrameRange | null => {
  const fit = usable.find((r) => r.count >= n);
  return fit === undefined ? null : range(fit.start, n);
};

const mark = (frames: FrameTableDraft, ranges: readonly FrameRange[], flags: number): void => {
  for (const r of ranges) frames.flags.fill(flags, r.start, endOf(r));
};

/** Xen's own allocations: the frame table, then structures for each domain. */
const XEN_HEAP_FRAMES = 16;
const XEN_HEAP_FRAMES_PER_DOMAIN = 4;

interface Allocations {
  readonly hardware: Hardware;
  readonly private: readonly PrivateMemory[];
}

const writePrivate = (hw: Hardware, self: number, list: readonly PrivateMemory[]): Hardware =>
  list.reduce((h, p) => xenWrites(h, p.frames, self, p.use), hw);

const allocate = (
  r: Restoring,
  stream: LuStream,
  open: readonly FrameRange[],
  design: Design,
): E.Either<Crash, Allocations> => {
  const need = frameTableFrames(r.hardware);
  const declared = intersect(stream.globals.REGIONS.reusable, r.hardware.ram);
  // With R26 the frame table lies in declared memory, xen#1's own first (R25), so that
  // update after update leaves memory as it was; without it, wherever it looks free.
  const looksFree = subtract(r.hardware.ram, [r.xen.image, r.xen.bootmem]).reverse();
  const table = keeps(design, 'R26')
    ? (takeFrom(declared, need) ?? takeFrom(r.usable, need))
    : takeFrom(looksFree, need);
  if (table === null) return crash(`no ${need} adjacent frames for the frame table`, 'R25');
  const heapFrames =
    XEN_HEAP_FRAMES + XEN_HEAP_FRAMES_PER_DOMAIN * numericKeys(stream.domains).length;
  const heap = takeFrom(subtract(open, [table]), heapFrames);
  if (heap === null) return crash(`no ${heapFrames} free frames for Xen itself`, 'R22');
  const list: PrivateMemory[] = [
    { use: 'frametable', frames: table },
    { use: 'heap', frames: heap },
  ];
  return E.right({ hardware: writePrivate(r.hardware, r.xen.instance, list), private: list });
};

/** Reads the global records, reserves, makes the frame table and opens the heap. */
export const reserve = (r: Restoring, design: Design): E.Either<Crash, Restoring> => {
  const { stream } = r;
  if (stream === null) return crash('the stream is not mapped', 'section 11 rule 1');
  const { hardware: hw, xen } = r;
  const kept = union(
    keeps(design, 'R22') ? framesOfDomains(stream) : [],
    union(framesOfSystem(stream), r.streamFrames),
  );
  const notHeap = union(kept, [xen.image, xen.bootmem, range(0, 1)]);
  const lost = subtract(kept, hw.ram);
  if (lost.length > 0)
    return crash(`frame 0x${lost[0]?.start.toString(16)} of the stream is not RAM`, 'R22');
  // Without the reservation the allocator cannot tell a domain's page from a free one.
  const open = subtract(hw.ram, notHeap);
  const firstFree = keeps(design, 'R22') ? open : intersect(framesOfDomains(stream), open);
  const made = allocate(r, stream, firstFree.length > 0 ? firstFree : open, design);
  if (E.isLeft(made)) return made;
  // What is somebody's now would be given back with the stream.
  const [twice] = intersect(union(framesOfDomains(stream), framesOfSystem(stream)), r.streamFrames);
  if (twice !== undefined)
    return crash(
      `frame 0x${twice.start.toString(16)} holds the stream, which names it`,
      'R22',
      'R31',
    );
  const frames = emptyFrameTable(maxFrames(hw));
  const own = made.right.private.map((p) => p.frames);
  // Bootmem never joins the heap, or the next update would overwrite what it became (R27, F1.4).
  const heap = keeps(design, 'R27') ? open : union(open, [xen.bootmem]);
  // Without F8.14 what lies there is taken for clean.
  const dirt = keeps(design, 'F8.14.scrub') ? FLAG.needScrub : 0;
  mark(frames, subtract(heap, own), FLAG.free | dirt);
  const next: Xen = {
    ...xen,
    ...clock(r, stream, design),
    private: made.right.private,
    frames,
    system: {
      ...xen.system,
      traceBuffers: [...(stream.globals.TRACE_BUFFERS?.frames ?? [])] as never,
      domXenShares: stream.globals.DOMXEN_SHARES?.shares ?? [],
      iommuFrames: [...(stream.globals.IOMMU?.tables ?? [])] as never,
    },
  };
  shareWithDomXen(frames, [
    stream.globals.M2P.frames,
    ...next.system.domXenShares.map((s) => s.frames),
    ...fromFrames(next.system.traceBuffers),
  ]);
  // What dead instances left is dirt by now, not data (F8.14).
  const current = made.right.hardware.xenWrites.filter((w) => w.instance === xen.instance);
  return E.right({
    ...r,
    hardware: { ...takeM2p(made.right.hardware, stream, design), xenWrites: current },
    xen: next,
    usable: [],
  });
};

/** System time goes on where xen#1 stopped (F10.12); without the rule it starts near 0. */
const clock = (r: Restoring, stream: LuStream, design: Design): Pick<Xen, 'now' | 'timeOffset'> => {
  const t = stream.globals.SYSTEM_TIME;
  if (t === undefined || !keeps(design, 'F10.12.time'))
    return { now: r.xen.now, timeOffset: r.xen.timeOffset };
  const timeOffset = t.now - t.platformTime;
  return { now: r.hardware.platformTime + timeOffset, timeOffset };
};

/** The M2P stays where the stream says (R42); without R42 xen#2 makes its own elsewhere. */
const takeM2p = (hw: Hardware, stream: LuStream, design: Design): Hardware => {
  const { frames } = stream.globals.M2P;
  if (keeps(design, 'R42')) return { ...hw, m2p: { ...hw.m2p, frames } };
  const elsewhere = takeFrom(subtract(hw.ram, [frames]), frames.count) ?? frames;
  return { ...hw, m2p: { ...hw.m2p, frames: elsewhere } };
};
