/**
 * The machine itself: what exists whichever Xen runs, and so what xen#2 finds.
 * RAM and its contents, the M2P's frames (memory that keeps its place, R42),
 * the IOMMU's root pointer, the CPUs.
 */
import * as t from 'io-ts';
import { byNumber, Natural, nullable, U32 } from './codec.ts';
import { PageContent } from './content.ts';
import { Mfn } from './ids.ts';
import { FrameRange, subtract } from './ranges.ts';

/**
 * The machine-to-physical table: `entries[mfn]` is the gfn (pfn of a PV
 * guest). One 8-byte word a frame in Xen; it fills `frames` (F8.15). The
 * compat table for 32-bit guests is left out: it is the same map, truncated.
 */
export const M2p = t.readonly(t.type({ frames: FrameRange, entries: U32 }), 'M2p');
export type M2p = t.TypeOf<typeof M2p>;

/** Memory that an instance of Xen wrote its own data over: frame range, writer and use. */
export const XenWrite = t.readonly(
  t.type({ frames: FrameRange, instance: Natural, use: t.string }),
  'XenWrite',
);
export type XenWrite = t.TypeOf<typeof XenWrite>;

export const Hardware = t.readonly(
  t.type({
    /** Usable RAM of the e820 map, in frames. */
    ram: t.readonlyArray(FrameRange),
    cpus: Natural,
    /** Contents of pages that matter, by mfn; every other page holds what its owner left there. */
    content: byNumber(PageContent),
    /** Ranges that hold hypervisor data now, so whatever was there before is gone. */
    xenWrites: t.readonlyArray(XenWrite),
    m2p: M2p,
    /** IOMMU: the root table that the units walk, null without an IOMMU (F8.19, R33). */
    iommuRoot: nullable(Mfn),
    /** Nanoseconds that the platform clock has run: goes on across a kexec (F10.13). */
    platformTime: Natural,
  }),
  'Hardware',
);
export type Hardware = t.TypeOf<typeof Hardware>;

/** Frames 0 up to the end of RAM: the length of a frame table for this machine. */
export const maxFrames = (hw: Hardware): number =>
  hw.ram.reduce((n, r) => Math.max(n, r.start + r.count), 0);

/** Content of a kind at a frame, or null: nothing known there, or something else. */
export const contentOf = <K extends PageContent['kind']>(
  hw: Hardware,
  frame: number,
  kind: K,
): Extract<PageContent, { readonly kind: K }> | null => {
  const c = hw.content[frame];
  return c !== undefined && c.kind === kind
    ? (c as Extract<PageContent, { readonly kind: K }>)
    : null;
};

/**
 * Xen writes its own data over `frames`: contents known there are destroyed,
 * and the destruction is remembered.
 */
export const xenWrites = (
  hw: Hardware,
  frames: FrameRange,
  instance: number,
  use: string,
): Hardware => {
  const content: Record<number, PageContent> = { ...hw.content };
  for (const key of Object.keys(content)) {
    const f = Number(key);
    if (f >= frames.start && f < frames.start + frames.count) delete content[f];
  }
  const kept = hw.xenWrites.flatMap((w) =>
    subtract([w.frames], [frames]).map((r) => ({ ...w, frames: r })),
  );
  return { ...hw, content, xenWrites: [...kept, { frames, instance, use }] };
};
