/** Memory beyond a domain's own plain pages: foreign, shared, extra, broken, and P2M entries. */

import { mapForeign } from '../../../../src/host/build/ioreq.ts';
import { allocateOne, shareWithDomain, takePage } from '../../../../src/host/build/memory.ts';
import { mapGfn } from '../../../../src/host/build/p2m.ts';
import { mapFrame } from '../../../../src/host/build/page-tables.ts';
import { P2M_PER_LEAF, P2M_TYPE } from '../../../../src/host/content.ts';
import { FLAG, setFlag } from '../../../../src/host/frame-table.ts';
import { mfn } from '../../../../src/host/ids.ts';
import { type PartKind, pick, pvOnly, room, type Site, translatedOnly } from './kind.ts';

/** A page of the other domain, whatever it uses it for. */
const foreign = ({ draft, at, other, n }: Site): void => {
  const frame = other.pages[n[0] % other.pages.length];
  if (frame === undefined || at === other || room(at) < 1) return;
  if (at.domain.type === 'pv' || n[2] % 3 !== 0) mapForeign(draft, at, frame, n[1] % 2 === 0);
  // Far up, so that the P2M needs another leaf; now and then at two places.
  else
    for (let i = 0; i <= n[2] % 2; i++)
      mapGfn(
        draft,
        at,
        P2M_PER_LEAF * (1 + ((n[1] + i) % 3)) + (n[1] % 64),
        frame,
        P2M_TYPE.map_foreign,
      );
};

/** One of DOMID_XEN's frames, which privileged domains map for reading (F2.5). */
const xenFrame = ({ draft, n }: Site): number => {
  const { m2p } = draft.hardware;
  const shared = draft.xen.system.domXenShares[0]?.frames.start;
  const all = [m2p.frames.start, ...draft.xen.system.traceBuffers, ...(shared ? [shared] : [])];
  return pick(all, n[0]);
};

const xenMap = (site: Site): void => {
  const { draft } = site;
  const dom0 = draft.domains[0];
  if (dom0 !== undefined && room(dom0) > 0) mapFrame(draft, dom0, xenFrame(site), { rw: false });
};

/** One of its own pages once more. */
const ownMap = ({ draft, at, n }: Site): void => {
  const frame = at.pages[n[0] % at.pages.length];
  if (frame === undefined || at.domain.type !== 'pv' || room(at) < 1) return;
  mapFrame(draft, at, frame, { rw: n[1] % 2 === 1 });
};

const value = ({ draft, at, n }: Site): void => {
  if (room(at) > 0) draft.hardware.content[takePage(at)] = { kind: 'value', value: n[0] };
};

/** A page of Xen's for the domain's sake: vmtrace and the like (F8.10). */
const extra = ({ draft, at, n }: Site): void => {
  for (let i = 0; i <= n[0] % 3; i++) {
    const frame = allocateOne(draft);
    draft.frames.owner[frame] = at.domain.domid;
    draft.frames.flags[frame] = FLAG.allocated | FLAG.extra;
  }
};

/** One more page of Xen's that it shares with the domain, for writing or for reading (F8.12). */
const xenPage = ({ draft, at, n }: Site): void => {
  const frame = shareWithDomain(draft, at.domain.domid, { kind: 'value', value: n[1] });
  if (n[0] % 2 === 1) draft.frames.flags[frame] = FLAG.xenheap | FLAG.allocated;
};

/** The last frame of RAM is somebody's, as on a host that is full. */
const topOfRam = ({ draft, at }: Site): void => {
  const { frames, hardware } = draft;
  const frame = mfn(frames.flags.length - 1);
  if (((frames.flags[frame] ?? 0) & FLAG.free) === 0) return;
  frames.owner[frame] = at.domain.domid;
  frames.flags[frame] = FLAG.allocated;
  const gfn = at.domain.p2m === null ? at.pages.length : at.nextGfn++;
  hardware.m2p.entries[frame] = gfn;
  if (at.domain.p2m === null) at.pages.push(frame);
  else mapGfn(draft, at, gfn, frame);
};

const broken = ({ draft, at }: Site): void => {
  if (room(at) > 0) setFlag(draft.frames, takePage(at), FLAG.broken);
};

const P2M_TYPES = [
  P2M_TYPE.ram_ro,
  P2M_TYPE.ram_logdirty,
  P2M_TYPE.ram_rw,
  P2M_TYPE.mmio_direct,
] as const;
/** Device memory, above all RAM. */
const MMIO_FRAME = 0xf_e000;

const p2mType = ({ draft, at, n }: Site): void => {
  if (at.domain.p2m === null) return;
  const type = pick(P2M_TYPES, n[0]);
  if (type === P2M_TYPE.mmio_direct)
    mapGfn(draft, at, 400 + (n[1] % 200), MMIO_FRAME + (n[2] % 16), type);
  else {
    const gfn = n[1] % at.pages.length;
    mapGfn(draft, at, gfn, at.pages[gfn] as number, type);
  }
};

/** Memory that the guest had no use for and that it gave back, or got again later (ballooning). */
const balloon: PartKind['live'] = function* ({ host, at, n }) {
  const d = host.xen.domains[at];
  if (d === undefined) return;
  const first = d.totPages - 1 - (n[0] % 8);
  for (let i = 0; i <= n[1] % 4; i++) {
    const frame = d.type === 'pv' ? frameOfPfn(host, at, first - i) : first - i;
    yield { type: 'memory.decrease_reservation', domid: at, vcpu: 0, gfn: frame };
  }
  if (n[2] % 2 === 1)
    yield {
      type: 'memory.populate_physmap',
      domid: at,
      vcpu: 0,
      target: at,
      gfn: 600 + (n[2] % 90),
    };
};

const frameOfPfn = (
  host: Parameters<NonNullable<PartKind['live']>>[0]['host'],
  at: number,
  pfn: number,
): number =>
  host.hardware.m2p.entries.findIndex((gfn, f) => gfn === pfn && host.xen.frames.owner[f] === at);

export const memoryParts: readonly PartKind[] = [
  {
    id: 'foreign',
    says: 'a page of another domain, mapped without a grant',
    sources: ['F8.20', 'F8.21', 'S39'],
    weight: 8,
    build: foreign,
  },
  {
    id: 'xen-map',
    says: "a frame of DOMID_XEN's in dom0's page tables",
    sources: ['F2.5', 'F8.15', 'R42'],
    weight: 2,
    build: xenMap,
  },
  {
    id: 'own-map',
    says: 'a page mapped a second time by its owner',
    sources: ['F8.5'],
    weight: 4,
    fits: pvOnly,
    build: ownMap,
  },
  { id: 'value', says: 'a page that holds something', sources: ['R6'], weight: 4, build: value },
  {
    id: 'extra',
    says: 'pages that are not in the allowance',
    sources: ['F8.10', 'F2.14'],
    weight: 2,
    build: extra,
  },
  {
    id: 'xen-page',
    says: "a page of Xen's that it shares, maybe for reading only",
    sources: ['F8.12'],
    weight: 2,
    build: xenPage,
  },
  {
    id: 'top-of-ram',
    says: 'the last frame of RAM',
    sources: ['F1.5', 'R22'],
    weight: 3,
    build: topOfRam,
  },
  { id: 'broken', says: 'a page that broke', sources: ['F8.1'], weight: 2, build: broken },
  {
    id: 'p2m-type',
    says: 'a P2M entry that is not plain memory',
    sources: ['F8.18', 'F8.19'],
    weight: 6,
    fits: translatedOnly,
    build: p2mType,
  },
  {
    id: 'balloon',
    says: 'pages given back, and maybe one taken again',
    sources: ['F8.10'],
    weight: 4,
    live: balloon,
  },
];
