/** Adds a domain with its memory, vCPUs, shared_info and first grant frame. */
import {
  EVTCHN_2L_NR_CHANNELS_64,
  EVTCHN_FIFO_NR_CHANNELS,
  GNTTAB_NR_RESERVED_ENTRIES,
  SHUTDOWN_CODE_INVALID,
  XEN_LEGACY_MAX_VCPUS,
} from '../constants.ts';
import type { Domain, DomainType } from '../domain.ts';
import { domid } from '../ids.ts';
import { noDevices, noEvents, noGrants } from '../new-domain.ts';
import { BuildError, type DomainDraft, type Draft, type HostDraft } from './draft.ts';
import { addGrantFrame } from './grant-frames.ts';
import { assignPage, shareWithDomain } from './memory.ts';
import { createP2m, mapGfn } from './p2m.ts';
import { createPageTables } from './page-tables.ts';
import { newVcpu } from './vcpu.ts';

/** Ports come in buckets of one page of struct evtchn, Xen-internal. */
export const PORTS_PER_BUCKET = 128;

export interface DomainOptions {
  readonly type: DomainType;
  /** Ordinary pages; a PV domain needs a few of them for its page tables. */
  readonly pages: number;
  /** Default: the lowest id that is free. */
  readonly domid?: number;
  readonly name?: string;
  readonly vcpus?: number;
  readonly grantVersion?: 1 | 2;
  /** PV: width in bits of the guest, default 64. */
  readonly width?: 64 | 32;
  /** The hardware domain, privileged; default: domid 0 only. */
  readonly isHardware?: boolean;
  readonly iommu?: boolean;
}

const lowestFreeDomid = (draft: HostDraft): number => {
  let id = 0;
  while (draft.domains[id] !== undefined) id++;
  return id;
};

const newDomain = (draft: HostDraft, id: number, options: DomainOptions): Draft<Domain> => {
  const isHardware = options.isHardware ?? id === 0;
  const vcpus = options.vcpus ?? 1;
  const translated = options.type !== 'pv';
  return {
    domid: domid(id),
    type: options.type,
    name: options.name ?? (isHardware ? 'Domain-0' : `guest${id}`),
    config: {
      maxVcpus: vcpus,
      width: options.width ?? 64,
      maxGrantVersion: 2,
      iommu: options.iommu ?? false,
      hap: translated,
      vmAssist: translated ? 0 : 0x20,
      handle: `00000000-0000-0000-0000-${id.toString(16).padStart(12, '0')}`,
    },
    isHardware,
    isPrivileged: isHardware,
    target: null,
    refcnt: 0,
    dying: 'alive',
    teardown: { phase: 'none' },
    pauseCount: 0,
    controllerPauseCount: 0,
    pausers: [],
    creationFinished: true,
    shutdown: { state: 'none', code: SHUTDOWN_CODE_INVALID },
    maxPages: options.pages + 256,
    totPages: 0,
    xenheapPages: 0,
    sharedInfo: null,
    vcpus: Array.from({ length: vcpus }, (_, v) => newVcpu(v, draft.xen.now)),
    events: {
      ...noEvents(),
      maxPort: (isHardware ? EVTCHN_FIFO_NR_CHANNELS : EVTCHN_2L_NR_CHANNELS_64) - 1,
      validPorts: PORTS_PER_BUCKET,
    },
    grants: {
      ...noGrants(),
      version: options.grantVersion ?? 1,
      maxFrames: draft.xen.build.gnttabMaxFrames,
      maxMaptrackFrames: draft.xen.build.gnttabMaxMaptrackFrames,
      maptrackFree: Array.from({ length: vcpus }, () => []),
    },
    ...noDevices(),
    tsc: { mode: 0, khz: 2_400_000, offset: 0, incarnation: 0 },
    weight: 256,
    unsupported: [],
  };
};

/**
 * A running domain. PV: page tables over all its pages, L4 pinned and in the
 * cr3 of each vCPU. PVH and HVM: a P2M over all its pages, shared_info and
 * the grant frame behind them.
 */
export const addDomain = (draft: HostDraft, options: DomainOptions): DomainDraft => {
  const id = options.domid ?? lowestFreeDomid(draft);
  if (draft.domains[id] !== undefined) throw new BuildError(`d${id} exists`);
  const domain = newDomain(draft, id, options);
  const d: DomainDraft = {
    domain,
    pages: [],
    nextPage: 0,
    tables: { 1: [], 2: [], 3: [], 4: [] },
    nextGfn: options.pages,
    nextRef: GNTTAB_NR_RESERVED_ENTRIES,
  };
  draft.domains[id] = d;
  for (let i = 0; i < options.pages; i++) assignPage(draft, d, i);
  const legacy = domain.vcpus.slice(0, XEN_LEGACY_MAX_VCPUS);
  domain.sharedInfo = shareWithDomain(draft, id, {
    kind: 'shared_info',
    pending: [],
    masked: [],
    vcpus: Object.fromEntries(
      legacy.map((v) => [v.id, { upcallPending: false, upcallMask: false, pendingSel: 0 }]),
    ),
  });
  if (options.type === 'pv') createPageTables(draft, d);
  else {
    createP2m(draft, d);
    mapGfn(draft, d, d.nextGfn++, domain.sharedInfo);
  }
  addGrantFrame(draft, d);
  return d;
};
