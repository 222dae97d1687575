/** VCPUOP_initialise, up and down, and the places that a guest registers (F2.4, F2.17, F6.5). */
import { PAGE_SIZE, SHUTDOWN, VPF } from '../../host/constants.ts';
import { mfn } from '../../host/ids.ts';
import { PGT } from '../../host/page-type.ts';
import { vcpuInfoOf } from '../event-channel/vcpu-info.ts';
import { takeForXen } from '../memory/guest-page.ts';
import { getPageAndType } from '../pages/gets.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { domainShutdown } from './shutdown.ts';

interface Where {
  readonly domid: number;
  readonly vcpu: number;
  /** The vCPU that it is about. */
  readonly target: number;
}
/** `cr3`: frame of a PV vCPU's L4; ignored for the others. */
export interface VcpuInitialise extends Where {
  readonly type: 'vcpu.initialise';
  readonly cr3: number;
}
export interface VcpuUp extends Where {
  readonly type: 'vcpu.up';
}
export interface VcpuDown extends Where {
  readonly type: 'vcpu.down';
}
export interface RegisterVcpuInfo extends Where {
  readonly type: 'vcpu.register_vcpu_info';
  readonly gfn: number;
  readonly offset: number;
}
/** `addr`: virtual address of the guest's. */
export interface RegisterRunstate extends Where {
  readonly type: 'vcpu.register_runstate';
  readonly addr: number;
}

/** sizeof(struct vcpu_info), public/xen.h. */
const VCPU_INFO_BYTES = 64;
/** All selector bits that the model's words hold exactly. */
const ALL_SELECTED = 2 ** 53 - 1;
const RUNSTATE = { runnable: 1, offline: 3 } as const;

const noVcpu = (e: Where): Refused => refuse('ENOENT', `no d${e.domid}v${e.target}`);

/** The time in the state that ends is added up (public/vcpu.h). */
export const setRunstate = (tx: Transaction, v: MutableVcpu, state: number): void => {
  const { now } = tx.xen;
  const { runstate } = v;
  const spent = Math.max(0, now - runstate.entryTime);
  runstate.time[runstate.state] = (runstate.time[runstate.state] ?? 0) + spent;
  runstate.entryTime = Math.max(now, runstate.entryTime);
  runstate.state = state;
};

/** arch_set_info_guest of a PV vCPU: its kernel tables (F8.5). */
export const loadCr3 = (
  tx: Transaction,
  d: MutableDomain,
  v: MutableVcpu,
  cr3: number,
): Refused | null => {
  if (d.type !== 'pv') return null;
  const failed = getPageAndType(tx, cr3, d.domid, PGT.l4);
  if (failed === null) v.guestTable = mfn(cr3);
  return failed;
};

export const initialise: Body<VcpuInitialise> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const v = c.d.vcpus[e.target];
  if (v === undefined) return noVcpu(e);
  if (v.initialised) return refuse('EEXIST', `v${e.target} is initialised`);
  const failed = loadCr3(tx, c.d, v, e.cr3);
  if (failed !== null) return failed;
  v.initialised = true;
  v.pauseFlags |= VPF.down;
  return null;
};

export const up: Body<VcpuUp> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const v = c.d.vcpus[e.target];
  if (v === undefined) return noVcpu(e);
  if (!v.initialised) return refuse('EINVAL', `v${e.target} is not initialised`);
  if ((v.pauseFlags & VPF.down) === 0) return null;
  v.pauseFlags &= ~VPF.down;
  setRunstate(tx, v, RUNSTATE.runnable);
  return null;
};

/** When the last one goes down the domain powers off. */
export const down: Body<VcpuDown> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const v = c.d.vcpus[e.target];
  if (v === undefined) return noVcpu(e);
  const others = c.d.vcpus.some(
    (o) => o.id !== v.id && o.initialised && (o.pauseFlags & VPF.down) === 0,
  );
  if (!others) {
    domainShutdown(tx, c.d, SHUTDOWN.poweroff);
    return null;
  }
  v.pauseFlags |= VPF.down;
  v.runningOn = null;
  setRunstate(tx, v, RUNSTATE.offline);
  return null;
};

/**
 * The info moves to its new place, and everything counts as pending there so
 * that nothing is lost: a spurious upcall that Xen allows itself.
 */
export const registerVcpuInfo: Body<RegisterVcpuInfo> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const v = c.d.vcpus[e.target];
  if (v === undefined) return noVcpu(e);
  if (v.vcpuInfo !== null) return refuse('EINVAL', `v${e.target} has registered its vcpu_info`);
  if (e.target !== e.vcpu && (v.pauseFlags & VPF.down) === 0)
    return refuse('EINVAL', `v${e.target} is up`);
  if (e.offset < 0 || e.offset % 8 !== 0 || e.offset + VCPU_INFO_BYTES > PAGE_SIZE)
    return refuse('EINVAL', `no vcpu_info fits at ${e.offset}`);
  const frame = takeForXen(tx, c.d, e.gfn, 'vcpu_info');
  if (typeof frame !== 'number') return frame;
  const upcallMask = vcpuInfoOf(tx, c.d, v)?.upcallMask ?? true;
  const infos = tx.content(frame, 'vcpu_info')?.infos ?? {};
  const taken = Object.keys(infos).some((at) => Math.abs(Number(at) - e.offset) < VCPU_INFO_BYTES);
  if (taken) return 'not enabled';
  infos[e.offset] = { upcallPending: true, upcallMask, pendingSel: ALL_SELECTED };
  tx.hardware.content[frame] = { kind: 'vcpu_info', infos };
  v.vcpuInfo = { frame, offset: e.offset };
  return null;
};

export const registerRunstate: Body<RegisterRunstate> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const v = c.d.vcpus[e.target];
  if (v === undefined) return noVcpu(e);
  v.runstateArea = e.addr;
  return null;
};
