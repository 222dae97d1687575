/** Which frames an update must leave as they are (R22, R27, R33, R42, I8.1). */
import { DOMID_INVALID } from '../../src/host/constants.ts';
import type { Host } from '../../src/host/host.ts';
import { type FrameRange, framesOf, inRange } from '../../src/host/ranges.ts';

/** The M2P's frames and the IOMMU's tables: Xen's, but not this instance's alone. */
const specialFrames = (host: Host): ReadonlySet<number> =>
  new Set<number>([...host.xen.system.iommuFrames, ...framesOf([host.hardware.m2p.frames])]);

/**
 * Says of a frame why it must survive: its owner, or what it holds; null:
 * it need not. Owners include DOMID_XEN, whose frames privileged guests map.
 */
export const preservedBy = (host: Host): ((frame: number) => string | null) => {
  const { owner } = host.xen.frames;
  const iommu = new Set<number>(host.xen.system.iommuFrames);
  const special = specialFrames(host);
  return (f) => {
    const domid = owner[f] ?? DOMID_INVALID;
    if (domid !== DOMID_INVALID && !special.has(f))
      return domid < 0x7ff0 ? `a page of d${domid}` : 'a page of DOMID_XEN';
    if (!special.has(f)) return null;
    return iommu.has(f) ? 'an IOMMU table' : 'part of the M2P';
  };
};

/** How many frames must survive. */
export const countPreserved = (host: Host): number => {
  const { owner } = host.xen.frames;
  let n = 0;
  for (let f = 0; f < owner.length; f++) if (owner[f] !== DOMID_INVALID) n++;
  for (const f of specialFrames(host)) if ((owner[f] ?? DOMID_INVALID) === DOMID_INVALID) n++;
  return n;
};

/** Calls `visit` for each frame of `ranges` that must survive, with the reason. */
export const forEachPreservedIn = (
  host: Host,
  ranges: readonly FrameRange[],
  visit: (frame: number, reason: string, within: FrameRange) => void,
): void => {
  const { owner } = host.xen.frames;
  const reasonOf = preservedBy(host);
  const special = [...specialFrames(host)];
  for (const r of ranges) {
    const hits = new Set(special.filter((f) => inRange(r, f)));
    const end = Math.min(r.start + r.count, owner.length);
    for (let f = r.start; f < end; f++) if (owner[f] !== DOMID_INVALID) hits.add(f);
    for (const f of hits) visit(f, reasonOf(f) ?? 'preserved', r);
  }
};
