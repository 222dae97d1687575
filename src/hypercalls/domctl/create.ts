/** XEN_DOMCTL_createdomain, max_vcpus, max_mem and setvcpucontext (F2.1 to F2.4). */
import {
  DOMID_FIRST_RESERVED,
  EVTCHN_FIFO_NR_CHANNELS,
  SHUTDOWN_CODE_INVALID,
  VPF,
  XEN_LEGACY_MAX_VCPUS,
} from '../../host/constants.ts';
import type { DomainType } from '../../host/domain.ts';
import { FLAG } from '../../host/frame-table.ts';
import { domid as toDomid, vcpuId } from '../../host/ids.ts';
import { noDevices, noEvents, noGrants } from '../../host/new-domain.ts';
import { idleRegisters } from '../../host/vcpu.ts';
import { growTable } from '../grant/table.ts';
import { allocatePage } from '../pages/heap.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { loadCr3 } from '../vcpu/bring-up.ts';
import { isCaller, privilegedCaller } from '../vcpus.ts';
import { isTarget, targetOf } from './pause.ts';

interface Domctl {
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
}
export interface CreateDomain extends Domctl {
  readonly type: 'domctl.createdomain';
  readonly domainType: DomainType;
  readonly maxVcpus: number;
  readonly grantVersion: number;
  readonly maxGrantFrames: number;
}
/** Allocates the vCPUs, all at once. */
export interface MaxVcpus extends Domctl {
  readonly type: 'domctl.max_vcpus';
  readonly count: number;
}
export interface MaxMem extends Domctl {
  readonly type: 'domctl.max_mem';
  readonly pages: number;
}
/** The first vCPU gets its registers and comes up. `cr3`: frame of a PV domain's L4. */
export interface SetVcpuContext extends Domctl {
  readonly type: 'domctl.setvcpucontext';
  readonly target: number;
  readonly cr3: number;
}

/** Initial frames of a grant table, and its default of maptrack frames. */
const INITIAL_GRANT_FRAMES = 1;
const MAX_VCPUS = 8192;

const nameless = (id: number): string =>
  `00000000-0000-0000-0000-${id.toString(16).padStart(12, '0')}`;

/** domain_create before anything is allocated for it: referenced once, paused once. */
const newDomain = (tx: Transaction, e: CreateDomain): MutableDomain => ({
  domid: toDomid(e.domid),
  type: e.domainType,
  name: null,
  config: {
    maxVcpus: e.maxVcpus,
    width: 64,
    maxGrantVersion: e.grantVersion,
    iommu: false,
    hap: e.domainType !== 'pv',
    vmAssist: 0,
    handle: nameless(e.domid),
  },
  isHardware: false,
  isPrivileged: false,
  target: null,
  refcnt: 1,
  dying: 'alive',
  teardown: { phase: 'none' },
  pauseCount: 1,
  controllerPauseCount: 1,
  pausers: [],
  creationFinished: false,
  shutdown: { state: 'none', code: SHUTDOWN_CODE_INVALID },
  maxPages: 0,
  totPages: 0,
  xenheapPages: 0,
  sharedInfo: null,
  vcpus: [],
  events: { ...noEvents(), maxPort: EVTCHN_FIFO_NR_CHANNELS - 1, validPorts: 128 },
  grants: {
    ...noGrants(),
    maxFrames: e.maxGrantFrames,
    maxMaptrackFrames: tx.xen.build.gnttabMaxMaptrackFrames,
  },
  ...noDevices(),
  tsc: { mode: 0, khz: 0, offset: 0, incarnation: 0 },
  weight: 256,
  unsupported: [],
});

/** sanitise_domain_config and grant_table_init (F2.3). */
const badConfig = (tx: Transaction, e: CreateDomain): Refused | null => {
  const { build } = tx.xen;
  if (e.domid < 0 || e.domid >= DOMID_FIRST_RESERVED)
    return refuse('EINVAL', `d${e.domid} is not an ordinary domid`);
  if (tx.domain(e.domid) !== undefined || tx.xen.system.destroying.includes(toDomid(e.domid)))
    return refuse('EEXIST', `d${e.domid} exists`);
  if (e.maxVcpus < 1 || e.maxVcpus > MAX_VCPUS) return refuse('EINVAL', `${e.maxVcpus} vCPUs`);
  if (e.grantVersion < 1 || e.grantVersion > build.gnttabMaxVersion)
    return refuse('EINVAL', `grant version ${e.grantVersion}`);
  if (e.maxGrantFrames < INITIAL_GRANT_FRAMES || e.maxGrantFrames > build.gnttabMaxFrames)
    return refuse('EINVAL', `${e.maxGrantFrames} grant frames`);
  return null;
};

/** shared_info, and the root of a P2M. */
const allocateFor = (tx: Transaction, d: MutableDomain): Refused | null => {
  const shared = allocatePage(tx, d, FLAG.xenheap);
  if (typeof shared !== 'number') return shared;
  tx.hardware.content[shared] = { kind: 'shared_info', pending: [], masked: [], vcpus: {} };
  d.sharedInfo = shared;
  if (d.type !== 'pv') {
    const root = allocatePage(tx, d, FLAG.pool);
    if (typeof root !== 'number') return root;
    tx.hardware.content[root] = { kind: 'p2m-root', leaves: {} };
    d.p2m = {
      root,
      tableFrames: [root],
      sharedWithIommu: false,
      nrForeign: 0,
      logDirty: false,
      ioreqServer: null,
    };
  }
  const failed = growTable(tx, d, INITIAL_GRANT_FRAMES);
  return failed === null ? null : refuse('ENOMEM', failed.what);
};

export const create: Body<CreateDomain> = (tx, e) => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  const bad = badConfig(tx, e);
  if (bad !== null) return bad;
  tx.xen.domains[e.domid] = newDomain(tx, e);
  const d = tx.domain(e.domid);
  return d === undefined ? null : allocateFor(tx, d);
};

const newVcpu = (id: number, now: number): MutableVcpu => ({
  id: vcpuId(id),
  initialised: false,
  runningOn: null,
  pauseFlags: VPF.down,
  pauseCount: 0,
  controllerPauseCount: 0,
  pollPorts: [],
  pausedForShutdown: false,
  deferShutdown: false,
  registers: { ...idleRegisters },
  guestTable: null,
  guestTableUser: null,
  gdtFrames: [],
  oldGuestTable: null,
  timers: { singleshot: null, periodic: null },
  runstate: { state: 3, entryTime: now, time: [0, 0, 0, 0] },
  vcpuInfo: null,
  runstateArea: null,
  virqToPort: {},
  fifo: null,
  io: { state: 0, completion: 'none', suspended: false },
  onWaitQueue: false,
  injectVector: null,
});

/** Ids ascending without gaps (F2.4); the number is the one of the creation. */
export const maxVcpus: Body<MaxVcpus> = (tx, e) => {
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  const { d } = t;
  if (e.count !== d.config.maxVcpus || d.dying !== 'alive')
    return refuse('EINVAL', `d${e.domid} was created for ${d.config.maxVcpus} vCPUs`);
  const shared = tx.content(d.sharedInfo, 'shared_info');
  for (let id = d.vcpus.length; id < e.count; id++) {
    d.vcpus.push(newVcpu(id, tx.xen.now));
    d.grants.maptrackFree.push([]);
    if (shared !== null && id < XEN_LEGACY_MAX_VCPUS)
      shared.vcpus[id] = { upcallPending: false, upcallMask: true, pendingSel: 0 };
  }
  return null;
};

export const maxMem: Body<MaxMem> = (tx, e) => {
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  if (!Number.isSafeInteger(e.pages) || e.pages < 0) return refuse('EINVAL', `${e.pages} pages`);
  t.d.maxPages = e.pages;
  return null;
};

export const setVcpuContext: Body<SetVcpuContext> = (tx, e) => {
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  const v = t.d.vcpus[e.target];
  if (v === undefined) return refuse('EINVAL', `no d${e.domid}v${e.target}`);
  // Replacing the context of a vCPU that has one is for debuggers.
  if (v.initialised || t.d.dying !== 'alive') return 'not enabled';
  const failed = loadCr3(tx, t.d, v, e.cr3);
  if (failed !== null) return failed;
  v.initialised = true;
  v.pauseFlags &= ~VPF.down;
  return null;
};
