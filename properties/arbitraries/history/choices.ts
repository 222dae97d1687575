/** What random events choose among: things of a host, by numbers of any size. */
import { numericEntries, numericKeys } from '../../../src/host/codec.ts';
import { P2M_TYPE, PTE, pte, pteFrame } from '../../../src/host/content.ts';
import type { Domain } from '../../../src/host/domain.ts';
import { FLAG, flagsOf, frameCount, ownerOf } from '../../../src/host/frame-table.ts';
import { contentOf } from '../../../src/host/hardware.ts';
import type { Host } from '../../../src/host/host.ts';
import { PGT } from '../../../src/host/page-type.ts';
import { forEachP2mEntry } from '../../../src/host/references.ts';
import type { HostEvent } from '../../../src/hypercalls/events.ts';

export const pick = <T>(from: readonly T[], n: number, otherwise: T): T =>
  from.length === 0 ? otherwise : (from[n % from.length] as T);

export const framesOf = (host: Host, d: number, wanted: (flags: number) => boolean): number[] => {
  const found: number[] = [];
  for (let f = 0; f < frameCount(host.xen.frames); f++)
    if (ownerOf(host.xen.frames, f) === d && wanted(flagsOf(host.xen.frames, f))) found.push(f);
  return found;
};

export const ordinary = (flags: number): boolean =>
  (flags & (FLAG.allocated | FLAG.xenheap | FLAG.extra)) === FLAG.allocated;
export const ofType =
  (...types: readonly number[]) =>
  (flags: number): boolean =>
    types.includes(flags & FLAG.typeMask);

/** A name for one of the domain's pages: mfn or gfn. */
export const pageOf = (host: Host, d: Domain, n: number): number => {
  const frame = pick(framesOf(host, d.domid, ordinary), n, 1);
  return d.type === 'pv' ? frame : (host.hardware.m2p.entries[frame] ?? 0);
};

/** A page without type references, which can still become anything. */
export const untypedOf = (host: Host, d: Domain, n: number): number => {
  const { typeCount } = host.xen.frames;
  const frames = framesOf(host, d.domid, ordinary).filter((f) => typeCount[f] === 0);
  return n % 8 === 0 || d.type !== 'pv' ? pageOf(host, d, n) : pick(frames, n >> 3, 1);
};

export const channelOf = (d: Domain, n: number): number =>
  pick(numericKeys(d.events.channels), n, 1);

/** A grant of `to` somewhere, as [granter, ref]. */
export const grantFor = (host: Host, to: number, n: number): readonly [number, number] => {
  const found: [number, number][] = [];
  for (const [g, d] of numericEntries(host.xen.domains))
    for (const frame of d.grants.frames)
      for (const kind of ['grant-v1', 'grant-v2'] as const)
        for (const [slot, entry] of numericEntries(
          contentOf(host.hardware, frame, kind)?.entries ?? {},
        ))
          if (entry.domid === to || n % 7 === 0) found.push([g, slot]);
  return pick(found, n, [0, 8]);
};

/** Where the frame of a handle is mapped: the place for its unmap. */
export const mappedAt = (host: Host, d: Domain, handle: number): { at: number; slot: number } => {
  const map = d.grants.maptrack[handle];
  const frame =
    map === undefined ? -1 : host.xen.domains[map.granter]?.grants.active[map.ref]?.frame;
  if (d.type !== 'pv') {
    let at = 0;
    forEachP2mEntry(host.hardware, d, (gfn, f, type) => {
      const grant = type === P2M_TYPE.grant_map_ro || type === P2M_TYPE.grant_map_rw;
      if (f === frame && grant) at = gfn;
    });
    return { at, slot: 0 };
  }
  for (const at of framesOf(host, d.domid, ofType(PGT.l1))) {
    const entries = contentOf(host.hardware, at, 'pagetable')?.entries ?? new Uint32Array();
    const slot = entries.findIndex((e) => (e & PTE.grant) !== 0 && pteFrame(e) === frame);
    if (slot >= 0) return { at, slot };
  }
  return { at: 0, slot: 0 };
};

/** First of the gfns at which guests map what is not of their own memory. */
export const FREE_GFNS = 300;

/** Entries of a table of `level` over the domain's own tables and pages. */
export const entriesFor = (host: Host, d: number, level: number, n: number): number[] => {
  const below = level === 1 ? ordinary : ofType(n % 5 === 0 ? level : level - 1);
  const frames = framesOf(host, d, below);
  return Array.from({ length: 1 + (n % 3) }, (_, i) =>
    pte(pick(frames, n + 3 * i, 1), PTE.present | (n % 2 === 0 ? PTE.rw : 0)),
  );
};

/** The vCPU that makes a hypercall. */
export type Where = { readonly domid: number; readonly vcpu: number };

/** An event of a host from its caller, the caller's domain, and four numbers. */
export type Make = (
  host: Host,
  d: Domain,
  w: Where,
  n: readonly [number, number, number, number],
) => HostEvent;
export type Makers = { readonly [K in HostEvent['type']]: Make };

/** One of the domains with a device model, or without any that number. */
export const emulated = (host: Host, n: number): number =>
  pick(
    numericKeys(host.xen.domains).filter((id) => host.xen.domains[id]?.type === 'hvm'),
    n,
    0,
  );

/** One of the three lowest domids that nobody has. */
export const freeDomid = (host: Host, n: number): number => {
  const free: number[] = [];
  for (let id = 1; free.length < 3; id++) if (host.xen.domains[id] === undefined) free.push(id);
  return pick(free, n, 1);
};
