/** The IOMMU's root and one table for each domain that owns devices (F8.17, F8.19, R33). */
import { DOMID_INVALID } from '../../host/constants.ts';
import { IOMMU_PTE } from '../../host/content.ts';
import { FLAG, typeOf } from '../../host/frame-table.ts';
import { domid, type Mfn, mfn } from '../../host/ids.ts';
import { PGT } from '../../host/page-type.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { DomainPages } from './domain-pages.ts';
import type { Workbench } from './workbench.ts';

/** Entries of an assumed table; what a guest of more memory has beyond is left out. */
const ENTRIES_MAX = 65_536;

export interface Iommu {
  readonly root: Mfn | null;
  /** Frames of the tables, the root included. */
  readonly frames: readonly Mfn[];
}

/** A page of the IOMMU's, nobody's and never in the heap. */
const takeReserved = (w: Workbench): Mfn | null => {
  const frame = w.pool.take(1)[0];
  if (frame === undefined) return null;
  w.frames.owner[frame] = DOMID_INVALID;
  w.frames.flags[frame] = FLAG.reserved;
  return mfn(frame);
};

/** Pages that a domain's devices reach: of a PV domain those of writable type, one to one. */
const entriesOf = (w: Workbench, d: DomainFacts, ordinary: Uint32Array): Record<number, number> => {
  const entries: Record<number, number> = {};
  let n = 0;
  for (const frame of ordinary) {
    if (d.type === 'pv' && typeOf(w.frames, frame) !== PGT.writable) continue;
    if (n++ >= ENTRIES_MAX) continue;
    const dfn = d.type === 'pv' ? frame : (w.m2p[frame] as number);
    entries[dfn] = frame * 4 + IOMMU_PTE.read + IOMMU_PTE.write;
  }
  w.notes.assume('iommu-limit', n - ENTRIES_MAX, d.domid);
  return entries;
};

/** Domains with devices: the hardware domain, and those whose configuration passes some on. */
export const usesIommu = (w: Workbench, d: DomainFacts): boolean =>
  w.reading.boot.iommu === true &&
  d.dying === 'alive' &&
  (d.domid === 0 || (d.companion?.pciDevices ?? 0) > 0);

/** Nothing unless the boot log says that an IOMMU is in use. */
export const iommuOf = (
  w: Workbench,
  parts: readonly { readonly facts: DomainFacts; readonly pages: DomainPages }[],
): Iommu => {
  const users = parts.filter((p) => usesIommu(w, p.facts));
  const root = users.length === 0 ? null : takeReserved(w);
  if (root === null) return { root: null, frames: [] };
  const devices: Record<string, { domid: ReturnType<typeof domid>; table: Mfn }> = {};
  const frames = [root];
  for (const { facts: d, pages } of users) {
    const table = takeReserved(w);
    if (table === null) continue;
    frames.push(table);
    w.content[table] = { kind: 'iommu-table', entries: entriesOf(w, d, pages.ordinary) };
    const count = d.domid === 0 ? 1 : (d.companion?.pciDevices ?? 0);
    // No dump names the devices: d0's is at 00:00.0, a guest's on a bus of its domid.
    for (let i = 0; i < count; i++) {
      const bus = (d.domid % 256).toString(16).padStart(2, '0');
      const slot = (i % 32).toString(16).padStart(2, '0');
      devices[`0000:${bus}:${slot}.0`] = { domid: domid(d.domid), table };
    }
  }
  w.content[root] = { kind: 'iommu-root', devices };
  w.notes.assume('iommu', users.length);
  return { root, frames };
};
