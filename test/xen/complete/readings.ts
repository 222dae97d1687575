/** Readings made by hand: what a parser would give for hosts that no capture shows. */
import type {
  CompanionDomain,
  DomainReading,
  EventChannelsReading,
  GrantReading,
  GrantTableReading,
  PageReading,
  PortBinding,
  PortReading,
  Reading,
  VcpuReading,
} from '../../../src/xen/capture/reading.ts';

const at = { file: 'made', line: 1 };

export const vcpu = (id: number, more: Partial<VcpuReading> = {}): VcpuReading => ({
  ...at,
  id,
  cpu: 0,
  running: false,
  poll: 0,
  upcallPending: 0,
  upcallMask: 0,
  dirtyCpu: undefined,
  pauseCount: 0,
  pauseFlags: 0,
  paging: undefined,
  hardAffinity: undefined,
  softAffinity: undefined,
  unit: undefined,
  periodicTimer: undefined,
  debugVirqPort: undefined,
  ...more,
});

/** count_info: allocated, xenheap, extra and a count, in the layout of 4.15 to 4.17. */
export const caf = (
  count: number,
  flags: { allocated?: boolean; xenHeap?: boolean; extra?: boolean } = {},
): bigint =>
  BigInt(count) |
  ((flags.allocated ?? true) ? 1n << 63n : 0n) |
  (flags.xenHeap ? 1n << 62n : 0n) |
  (flags.extra ? 1n << 54n : 0n);

/** type_info: type, count, pinned and validated bits. */
export const taf = (type: number, count: number, pinned = false, partial = false): bigint =>
  (BigInt(type) << 61n) |
  (pinned ? 1n << 59n : 0n) |
  (count > 0 && !partial ? 1n << 58n : 0n) |
  (partial ? 1n << 56n : 0n) |
  BigInt(count);

export const page = (
  list: PageReading['list'],
  mfn: number,
  countInfo: bigint,
  typeInfo: bigint,
): PageReading => ({ ...at, list, mfn, countInfo, typeInfo });

/** A xenheap page with so many references, all writable. */
export const xenPage = (mfn: number, count: number): PageReading =>
  page('XenPage', mfn, caf(count, { xenHeap: true }), taf(7, count));

export const domain = (domid: number, more: Partial<DomainReading> = {}): DomainReading => ({
  ...at,
  domid,
  refcnt: 3,
  dying: 0,
  pauseCount: 0,
  nrPages: 2048,
  xenheapPages: 2,
  sharedPages: undefined,
  pagedPages: undefined,
  dirtyCpus: [],
  maxPages: 4096,
  handle: `00000000-0000-0000-0000-00000000000${domid % 10}`,
  vmAssist: 0x2d,
  watchdogs: [],
  paging: undefined,
  rangesets: [],
  domPagesOmitted: true,
  pages: [xenPage(0x1000 + domid * 2, 2), xenPage(0x1001 + domid * 2, 2)],
  pod: undefined,
  nodeAffinity: undefined,
  vcpus: [vcpu(0)],
  ...more,
});

export const HAP = ['hap', 'refcounts', 'translate', 'external'];

/** A translated domain: xenheap pages are not mapped by page tables. */
export const translated = (domid: number, more: Partial<DomainReading> = {}): DomainReading =>
  domain(domid, {
    paging: HAP,
    pages: [xenPage(0x1000 + domid * 2, 1), xenPage(0x1001 + domid * 2, 1)],
    ...more,
  });

export const grant = (
  ref: number,
  mfn: number,
  more: Partial<GrantReading> = {},
): GrantReading => ({
  ...at,
  ref,
  grantee: 0,
  mfn,
  pin: 1,
  sharedGrantee: more.grantee ?? 0,
  sharedFrame: BigInt(mfn),
  status: 0x19,
  ...more,
});

export const grantTable = (
  granter: number,
  entries: readonly GrantReading[] = [],
  more: Partial<GrantTableReading> = {},
): GrantTableReading => ({
  ...at,
  granter,
  version: 1,
  frames: 1,
  maxFrames: 64,
  maptrackFrames: granter === 0 ? 2 : 0,
  maxMaptrackFrames: 1024,
  entries,
  ...more,
});

export const port = (
  n: number,
  binding: PortBinding,
  more: Partial<PortReading> = {},
): PortReading => ({
  ...at,
  port: n,
  pending: false,
  masked: false,
  link: { abi: '2l', selector: false },
  notifyVcpu: 0,
  xenConsumer: 0,
  binding,
  label: undefined,
  ...more,
});

/** A FIFO port; `link`: the next port of its queue, 0 the last, absent: not LINKED. */
export const fifoPort = (
  n: number,
  binding: PortBinding,
  link?: number,
  more: Partial<PortReading> = {},
): PortReading =>
  port(n, binding, {
    pending: link !== undefined,
    link: { abi: 'fifo', word: 'present', busy: false, link },
    ...more,
  });

export const channels = (
  domid: number,
  ports: readonly PortReading[] = [],
): EventChannelsReading => ({ ...at, domid, pollingVcpus: [], ports });

const companionBase: Omit<CompanionDomain, 'domid'> = {
  name: undefined,
  type: undefined,
  uuid: undefined,
  maxMemKiB: undefined,
  targetMemKiB: undefined,
  maxVcpus: undefined,
  pciDevices: 0,
  state: undefined,
  shutdownReason: undefined,
  label: undefined,
  sources: [],
};

export const companion = (domid: number, more: Partial<CompanionDomain>): CompanionDomain => ({
  domid,
  ...companionBase,
  ...more,
});

const section = { file: 'made', firstLine: 1, lastLine: 2, closedBy: 'terminator' } as const;

export interface Made {
  readonly domains: readonly DomainReading[];
  readonly grants?: readonly GrantTableReading[];
  readonly channels?: readonly EventChannelsReading[];
  readonly companions?: readonly CompanionDomain[];
}

/** A whole reading; grant tables and ports that are not given are empty. */
export const reading = (made: Made, more: Partial<Reading> = {}): Reading => ({
  version: { ...at, major: 4, minor: 17, text: '4.17.7' },
  sources: { domainInfo: section, grantTables: section, eventChannels: section },
  nowNs: 123_456_789n,
  domains: made.domains,
  grantTables: made.domains.map(
    ({ domid }) => made.grants?.find((g) => g.granter === domid) ?? grantTable(domid),
  ),
  eventChannels: made.domains.map(
    ({ domid }) => made.channels?.find((c) => c.domid === domid) ?? channels(domid),
  ),
  memory: { numa: undefined, heapZones: undefined, info: undefined },
  boot: {
    commandLine: undefined,
    loadBase: undefined,
    imageBase: undefined,
    e820: [],
    systemRamKiB: undefined,
    iommu: undefined,
    hap: undefined,
    hvm: undefined,
    cpus: undefined,
    maxPirqsDom0: undefined,
  },
  tsc: undefined,
  guestIrqs: undefined,
  scheduler: undefined,
  repairs: [],
  contradictions: [],
  damaged: [],
  skippedLines: 0,
  companions: {
    domains: made.companions ?? [],
    lsevtchn: [],
    grantSizes: [],
    info: undefined,
    unreadable: [],
    files: [],
  },
  ...more,
});

/** Usable RAM in frames, as a boot log shows it. */
export const e820 = (
  ...ranges: readonly (readonly [start: number, end: number])[]
): Reading['boot']['e820'] =>
  ranges.map(([start, end]) => ({
    first: BigInt(start) * 4096n,
    last: BigInt(end) * 4096n - 1n,
    type: 'usable',
  }));
