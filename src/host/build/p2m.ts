/** The P2M of a PVH or HVM domain under construction (F8.18, F8.20, F8.22). */
import { P2M_PER_LEAF, P2M_TYPE, p2mEntry } from '../content.ts';
import { BuildError, type DomainDraft, type HostDraft } from './draft.ts';
import { allocatePoolPage, contentAt } from './memory.ts';

/** A root without leaves, then one ram_rw entry for each page. */
export const createP2m = (draft: HostDraft, d: DomainDraft): void => {
  const root = allocatePoolPage(draft, d.domain.domid, { kind: 'p2m-root', leaves: {} });
  d.domain.p2m = {
    root,
    tableFrames: [root],
    sharedWithIommu: false,
    nrForeign: 0,
    logDirty: false,
    ioreqServer: null,
  };
  d.pages.forEach((frame, gfn) => {
    mapGfn(draft, d, gfn, frame);
  });
};

/** Sets the entry of a gfn; makes the leaf if it is the first entry there. */
export const mapGfn = (
  draft: HostDraft,
  d: DomainDraft,
  gfn: number,
  frame: number,
  type: number = P2M_TYPE.ram_rw,
): void => {
  const { p2m, domid } = d.domain;
  if (p2m === null) throw new BuildError(`d${domid} has no P2M`);
  const { leaves } = contentAt(draft, p2m.root, 'p2m-root');
  const index = Math.floor(gfn / P2M_PER_LEAF);
  let leaf = leaves[index];
  if (leaf === undefined) {
    leaf = allocatePoolPage(draft, domid, {
      kind: 'p2m-leaf',
      entries: new Uint32Array(P2M_PER_LEAF),
    });
    leaves[index] = leaf;
    p2m.tableFrames.push(leaf);
  }
  contentAt(draft, leaf, 'p2m-leaf').entries[gfn % P2M_PER_LEAF] = p2mEntry(frame, type);
};

/** Maps a page of another domain at the next free gfn, which is returned (F8.20). */
export const mapForeignGfn = (draft: HostDraft, d: DomainDraft, frame: number): number => {
  const gfn = d.nextGfn++;
  mapGfn(draft, d, gfn, frame, P2M_TYPE.map_foreign);
  return gfn;
};

/** Turns gfns of a domain into entries that go to an IOREQ server (F8.20). */
export const mapIoreqServerGfns = (
  draft: HostDraft,
  d: DomainDraft,
  server: number,
  count: number,
): void => {
  if (d.domain.p2m === null) throw new BuildError(`d${d.domain.domid} has no P2M`);
  for (let i = 0; i < count; i++)
    mapGfn(draft, d, d.nextPage + i, d.pages[d.nextPage + i] as number, P2M_TYPE.ioreq_server);
  d.nextPage += count;
  d.domain.p2m.ioreqServer = { id: server, entries: count };
};
