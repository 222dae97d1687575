/** What the host says of a preempted hypercall: the sayings of machines/hypercall.ts (F3.1 to F3.5). */
import { DOMCTL, HYPERVISOR } from '../host/constants.ts';
import { extentsCallOf } from '../host/guest-buffer.ts';
import { resetCallOf } from '../host/reset-call.ts';
import type { Vcpu } from '../host/vcpu.ts';
import { onlyOldTableLeft } from '../hypercalls/mmu/old-guest-table.ts';
import { isPinning } from '../hypercalls/mmu/pin.ts';
import { hostOf } from '../liveupdate/update.ts';
import type { Saying } from './chart.ts';
import { isBeingMade, type VcpuPlace as Place, vcpuAt } from './look.ts';
import type { World } from './world.ts';

type Says = Saying<Place>;

/** The vCPU, if it stands at a hypercall. */
const atHypercall = (world: World, of: Place): Vcpu | null => {
  const v = vcpuAt(world, of);
  return v === undefined || isBeingMade(world, of.domid) || !v.registers.atHypercall ? null : v;
};

/** Of a domctl: has the target's own state the progress of it, or is it re-issued (C5)? */
const domctlOf = (world: World, { rdi, rsi }: Vcpu['registers']): string => {
  if (rdi === DOMCTL.soft_reset || rdi === DOMCTL.soft_reset_cont) return 'softReset';
  const target = hostOf(world).xen.domains[rsi];
  return rdi === DOMCTL.destroydomain && target?.dying === 'dying' ? 'destroydomain' : 'contended';
};

/** Which call it is, by its registers and what Xen keeps of it. */
const callOf = (world: World, v: Vcpu): string => {
  const { rax, rdi, rsi } = v.registers;
  if (rax === HYPERVISOR.domctl) return domctlOf(world, v.registers);
  if (rax === HYPERVISOR.sysctl || rax === HYPERVISOR.kexec_op) return 'contended';
  if (resetCallOf(v.registers) !== null) return 'evtchnReset';
  if (rax === HYPERVISOR.paging_domctl_cont) return 'paging';
  if (onlyOldTableLeft(v)) return 'oldTable';
  if (isPinning(v)) return 'partialTable';
  if (rax === HYPERVISOR.multicall) return 'multicall';
  const exchanges = extentsCallOf(rax, [rdi, rsi])?.command === 'exchange';
  return exchanges || rax === HYPERVISOR.dm_op ? 'guestMemory' : 'registers';
};
const inCall =
  (call: string): Says =>
  (world, of) => {
    const v = atHypercall(world, of);
    return v !== null && callOf(world, v) === call;
  };

export const hypercallSays = {
  none: (w, of) => atHypercall(w, of) === null,
  preempted: (w, of) => atHypercall(w, of) !== null,
  destroydomain: inCall('destroydomain'),
  evtchnReset: inCall('evtchnReset'),
  softReset: inCall('softReset'),
  paging: inCall('paging'),
  partialTable: inCall('partialTable'),
  oldTable: inCall('oldTable'),
  registers: inCall('registers'),
  guestMemory: inCall('guestMemory'),
  multicall: inCall('multicall'),
  contended: inCall('contended'),
  plain: (w, of) => {
    const v = vcpuAt(w, of);
    return v !== undefined && !isBeingMade(w, of.domid) && !v.registers.atHypercall;
  },
  gone: (w, of) => vcpuAt(w, of) === undefined,
} satisfies Readonly<Record<string, Says>>;
