/**
 * What is *in* a page, for pages whose content matters. Memory content
 * survives a Live Update in place (R6), so it is kept with the hardware and
 * not with Xen's objects; what Xen keeps privately about the same things
 * (active grants, queue tails ...) is in `domain.ts` and is lost unless saved.
 */
import * as t from 'io-ts';
import { Bytes, byNumber, Natural, nullable, U32 } from './codec.ts';
import { Domid, Mfn } from './ids.ts';

/** Flag bits of a packed entry, below the frame: see `pte`. */
export const PTE = {
  present: 1,
  /** Writable by the guest. */
  rw: 2,
  /** Maps a grant: its references are the maptrack entry's, not the table's (F7.5, F7.10). */
  grant: 4,
} as const;
const FRAME_SHIFT = 4;

/** Packs an entry: frame in bits 4..31, flags in bits 0..3; 0 is "not present". */
export const pte = (frame: number, flags: number): number =>
  (frame * 2 ** FRAME_SHIFT + flags) >>> 0;
export const pteFrame = (entry: number): number => entry >>> FRAME_SHIFT;
export const pteIs = (entry: number, flag: number): boolean => (entry & flag) !== 0;

/**
 * A PV page table. `entries` has one word a slot, trailing empty slots may be
 * left off. Level and validity are the frame table's business (F8.3).
 * `xenSlots` stands for the slots 256..271 of an L4, which Xen fills from the
 * running instance's own tables (F8.16): the id of that instance, null for a
 * page never promoted to L4.
 */
const PageTable = t.type({
  kind: t.literal('pagetable'),
  entries: U32,
  xenSlots: nullable(Natural),
});

/** Per-vCPU part of shared_info, or of a page registered for it (F6.5). */
export const VcpuInfo = t.readonly(
  t.type({ upcallPending: t.boolean, upcallMask: t.boolean, pendingSel: Natural }),
  'VcpuInfo',
);
export type VcpuInfo = t.TypeOf<typeof VcpuInfo>;

/** shared_info: 2-level pending and mask bits as sorted port lists (F6.5), and the first vCPUs' info. */
const SharedInfo = t.type({
  kind: t.literal('shared_info'),
  pending: t.readonlyArray(Natural),
  masked: t.readonlyArray(Natural),
  vcpus: byNumber(VcpuInfo),
});
/** A page holding vcpu_info structures, by byte offset. */
const VcpuInfoPage = t.type({ kind: t.literal('vcpu_info'), infos: byNumber(VcpuInfo) });

/** A v1 shared entry (F7.1): flags as in GTF, the grantee, the frame (gfn; mfn for PV). */
export const GrantEntryV1 = t.readonly(
  t.type({ flags: Natural, domid: Natural, frame: Natural }),
  'GrantEntryV1',
);
export type GrantEntryV1 = t.TypeOf<typeof GrantEntryV1>;
const GrantFrameV1 = t.type({ kind: t.literal('grant-v1'), entries: byNumber(GrantEntryV1) });

/** A v2 shared entry (F7.1): full page, sub-page (offset, length) or transitive (transDomid, transRef). */
export const GrantEntryV2 = t.readonly(
  t.type({
    flags: Natural,
    domid: Natural,
    frame: Natural,
    subPage: nullable(t.readonly(t.type({ offset: Natural, length: Natural }))),
    transitive: nullable(t.readonly(t.type({ domid: Natural, ref: Natural }))),
  }),
  'GrantEntryV2',
);
export type GrantEntryV2 = t.TypeOf<typeof GrantEntryV2>;
const GrantFrameV2 = t.type({ kind: t.literal('grant-v2'), entries: byNumber(GrantEntryV2) });
/** Status words of v2 entries: GTF reading and writing bits. */
const GrantStatus = t.type({ kind: t.literal('grant-status'), words: byNumber(Natural) });

/** FIFO event words by slot; absent is 0 (F6.6). */
const FifoArray = t.type({ kind: t.literal('fifo-array'), words: byNumber(Natural) });
/** A FIFO control block: the ready bits and one head port for each priority (F6.6). */
export const FifoControlBlock = t.readonly(
  t.type({ ready: Natural, heads: t.readonlyArray(Natural) }),
  'FifoControlBlock',
);
export type FifoControlBlock = t.TypeOf<typeof FifoControlBlock>;
const FifoControl = t.type({ kind: t.literal('fifo-control'), blocks: byNumber(FifoControlBlock) });

/** One vCPU's slot of an ioreq page (F9.1): state 0..3, the port for notifications. */
export const IoreqSlot = t.readonly(
  t.type({ state: Natural, vpEport: Natural, addr: Natural, dataIsWrite: t.boolean }),
  'IoreqSlot',
);
export type IoreqSlot = t.TypeOf<typeof IoreqSlot>;
const IoreqPage = t.type({ kind: t.literal('ioreq'), slots: byNumber(IoreqSlot) });
/** The buffered ring (F9.2): read and write pointers, and the requests between them. */
const BufioreqPage = t.type({
  kind: t.literal('bufioreq'),
  readPointer: Natural,
  writePointer: Natural,
});

/**
 * P2M tables of a translated domain (F8.18): a root that names leaves, each
 * leaf covering 512 gfns as packed words: mfn in bits 4..31, p2m type in bits
 * 0..3. Xen has four levels and superpages; two levels of 4 KiB entries carry
 * the same mapping, and no property here depends on the depth. A whole word
 * of 0 means "nothing there" (p2m_invalid).
 */
const P2mRoot = t.type({ kind: t.literal('p2m-root'), leaves: byNumber(Mfn) });
const P2mLeaf = t.type({ kind: t.literal('p2m-leaf'), entries: U32 });

/** IOMMU root: context of each device (segment:bus:dev.fn as text), F8.19. */
const IommuRoot = t.type({
  kind: t.literal('iommu-root'),
  devices: t.readonly(t.record(t.string, t.readonly(t.type({ domid: Domid, table: Mfn })))),
});
/** IOMMU page tables of one domain, one level: dfn -> frame and IOMMU_PTE bits, sparse. */
const IommuTable = t.type({
  kind: t.literal('iommu-table'),
  entries: byNumber(Natural),
});
/** Permissions in an IOMMU entry: frame * 4 + bits. */
export const IOMMU_PTE = { read: 1, write: 2 } as const;

/** Raw bytes that the hypervisor wrote: stream pages, the MFN array, the breadcrumb. */
const RawBytes = t.type({ kind: t.literal('bytes'), data: Bytes });

/**
 * The buffer of a memory_op over several extents (struct xen_memory_reservation
 * and xen_memory_exchange, public/memory.h): names of pages as the guest has
 * them, and how many XENMEM_exchange has exchanged: its progress (F3.4, C2).
 */
const Extents = t.type({
  kind: t.literal('extents'),
  gfns: t.readonlyArray(Natural),
  exchanged: Natural,
});
/** One entry of a multicall (public/xen.h): number and arguments of a call, its result when it is done. */
export const MulticallEntry = t.readonly(
  t.type({ op: Natural, args: t.readonlyArray(Natural), result: nullable(Natural) }),
  'MulticallEntry',
);
export type MulticallEntry = t.TypeOf<typeof MulticallEntry>;
const Multicall = t.type({
  kind: t.literal('multicall'),
  calls: t.readonlyArray(MulticallEntry),
});

/** A page of a guest whose bytes stand for a value, so that a change can be seen. */
const Opaque = t.type({ kind: t.literal('value'), value: Natural });

export const PageContent = t.readonly(
  t.union([
    PageTable,
    SharedInfo,
    VcpuInfoPage,
    GrantFrameV1,
    GrantFrameV2,
    GrantStatus,
    FifoArray,
    FifoControl,
    IoreqPage,
    BufioreqPage,
    P2mRoot,
    P2mLeaf,
    IommuRoot,
    IommuTable,
    RawBytes,
    Extents,
    Multicall,
    Opaque,
  ]),
  'PageContent',
);
export type PageContent = t.TypeOf<typeof PageContent>;
export type ContentKind = PageContent['kind'];
export type ContentOf<K extends ContentKind> = Extract<PageContent, { readonly kind: K }>;

/** Types of a P2M entry (F8.18); the numbering is part of the tables themselves (R43). */
export const P2M_TYPE = {
  ram_rw: 0,
  invalid: 1,
  ram_logdirty: 2,
  ram_ro: 3,
  mmio_dm: 4,
  mmio_direct: 5,
  populate_on_demand: 6,
  grant_map_rw: 7,
  grant_map_ro: 8,
  paging_out: 9,
  paged: 10,
  paging_in: 11,
  shared: 12,
  broken: 13,
  map_foreign: 14,
  ioreq_server: 15,
} as const;
export const P2M_PER_LEAF = 512;

/** Packs a P2M entry. ram_rw of frame 0 would be the empty word: Xen never gives frame 0 to a guest. */
export const p2mEntry = (frame: number, type: number): number =>
  (frame * 2 ** FRAME_SHIFT + type) >>> 0;
export const p2mFrame = (entry: number): Mfn => (entry >>> FRAME_SHIFT) as Mfn;
export const p2mType = (entry: number): number => entry & 0xf;
