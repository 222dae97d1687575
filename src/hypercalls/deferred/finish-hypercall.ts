/**
 * A preempted hypercall is carried to its end: in this Xen without the guest
 * (`hypercall.finish`), so that nothing of it has to mean anything to the next
 * one (F3.4, F3.9, F3.12), or by the guest that enters again
 * (`hypercall.reenter`). What the model does not hold - the rest of a
 * grant_table_op, the arguments of a domctl that was re-issued - nobody here
 * can carry on: then neither happens.
 */
import { DOMCTL, HYPERVISOR, SYSCTL } from '../../host/constants.ts';
import { lacksOnlyMove } from '../../host/domain.ts';
import { extentsCallOf, multicallOf } from '../../host/guest-buffer.ts';
import { resetCallOf } from '../../host/reset-call.ts';
import type { Registers } from '../../host/vcpu.ts';
import { killOnce } from '../domctl/kill.ts';
import { finishPaging } from '../domctl/paging.ts';
import { carryOnSoftReset } from '../domctl/soft-reset.ts';
import { ERRNO } from '../errno.ts';
import { carryOnReset, isInReset } from '../event-channel/reset.ts';
import { goOverExtents } from '../memory/extents.ts';
import { finishOldGuestTable, onlyOldTableLeft } from '../mmu/old-guest-table.ts';
import { finishPin, isPinning } from '../mmu/pin.ts';
import type { Body, StepError } from '../step.ts';
import type { MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { finishHypercall, isRunnable } from '../vcpus.ts';
import { finishMulticall } from './multicall.ts';

/**
 * The vCPU's registers say which call: number in rax; domctl and the paging
 * continuation: command in rdi, target in rsi; event_channel_op: sub-op in
 * rdi, target in rsi. Afterwards rax holds the result, and the vCPU stands
 * behind the instruction.
 */
export interface HypercallFinish {
  readonly type: 'hypercall.finish';
  readonly domid: number;
  readonly vcpu: number;
}
/**
 * The guest enters again whichever Xen is there, and is not preempted any
 * more: calls of which all is in registers and memory (C1, C2, multicalls),
 * and domctls and sysctls that only read (C5). Those of which Xen keeps a part
 * have events of their own.
 */
export interface HypercallReenter {
  readonly type: 'hypercall.reenter';
  readonly domid: number;
  readonly vcpu: number;
}

/**
 * destroydomain: all phases at once. A domain that is not there any more is
 * -ESRCH; one that is not moved to cpupool0 keeps its caller at the hypercall.
 */
const finishDestroy = (tx: Transaction, target: number): number | 'goes on' => {
  if (tx.domain(target) === undefined) return -ERRNO.ESRCH;
  // One step for each phase, and one to be dead; then the domain may be gone.
  for (let step = 0; step <= tx.ctx.version.teardownOrder.length; step++) {
    const d = tx.domain(target);
    if (d?.dying !== 'dying') break;
    if (lacksOnlyMove(d)) return 'goes on';
    killOnce(tx, d);
  }
  return 0;
};

/** F3.11: only the domain whose operation it is may resume it. */
const finishPagingCall = (tx: Transaction, target: number, caller: number): number => {
  const d = tx.domain(target);
  if (d === undefined) return -ERRNO.ESRCH;
  if (d.pagingPreempt?.caller !== caller) return -ERRNO.EBUSY;
  finishPaging(tx, d);
  return 0;
};

/** Does the call only read? Its answer goes to memory that the model does not hold. */
export const readsOnly = ({ rax, rdi }: Registers): boolean =>
  (rax === HYPERVISOR.sysctl && rdi === SYSCTL.getdomaininfolist) ||
  (rax === HYPERVISOR.domctl && rdi === DOMCTL.getdomaininfo);

const readResult = (tx: Transaction, { rax, rsi }: Registers): number =>
  rax === HYPERVISOR.domctl && tx.domain(rsi) === undefined ? -ERRNO.ESRCH : 0;

/** Everything of the call is in registers and in the guest's memory; false: it is another one. */
const finishFromMemory = (tx: Transaction, d: MutableDomain, v: MutableVcpu): boolean => {
  const { rax, rdi, rsi } = v.registers;
  const rest = multicallOf(v.registers);
  const extents = extentsCallOf(rax, [rdi, rsi]);
  if (rest !== null) finishMulticall(tx, d, v, rest);
  else if (extents !== null) {
    const came = goOverExtents(tx, d, extents, null);
    if ('result' in came) finishHypercall(v, came.result);
  } else if (readsOnly(v.registers)) finishHypercall(v, readResult(tx, v.registers));
  // The old table is put, or this Xen never had it: its result is what is left (F3.5).
  else if (onlyOldTableLeft(v) && v.oldGuestTable === null) finishHypercall(v, v.registers.r10);
  else return false;
  return true;
};

/**
 * destroydomain that has begun is carried on; one that was re-issued for want
 * of the lock has done nothing yet (C5), and the guest asks for it again.
 */
const finishDomctl = (tx: Transaction, v: MutableVcpu): StepError | null => {
  const { rdi, rsi } = v.registers;
  const target = tx.domain(rsi);
  if (rdi !== DOMCTL.destroydomain || target?.dying === 'alive') return 'not enabled';
  if (target !== undefined && lacksOnlyMove(target)) return 'not enabled';
  const result = finishDestroy(tx, rsi);
  if (result !== 'goes on') finishHypercall(v, result);
  return null;
};

export const finish: Body<HypercallFinish> = (tx, e) => {
  const d = tx.domain(e.domid);
  const v = d?.vcpus[e.vcpu];
  if (d === undefined || v === undefined || !v.registers.atHypercall) return 'not enabled';
  const { rax, rsi } = v.registers;
  if (isInReset(v)) carryOnReset(tx, e.domid, v, null);
  else if (resetCallOf(v.registers) !== null) carryOnSoftReset(tx, e.domid, v, null);
  else if (finishFromMemory(tx, d, v)) return null;
  else if (rax === HYPERVISOR.domctl) return finishDomctl(tx, v);
  else if (rax === HYPERVISOR.paging_domctl_cont)
    finishHypercall(v, finishPagingCall(tx, rsi, e.domid));
  else if (isPinning(v)) finishPin(tx, e.domid, v);
  else if (onlyOldTableLeft(v)) {
    finishOldGuestTable(tx, v);
    finishHypercall(v, v.registers.r10);
  } else return 'not enabled';
  return null;
};

export const reenter: Body<HypercallReenter> = (tx, e) => {
  const d = tx.domain(e.domid);
  const v = d?.vcpus[e.vcpu];
  if (d === undefined || v === undefined || !isRunnable(d, v)) return 'not enabled';
  return v.registers.atHypercall && finishFromMemory(tx, d, v) ? null : 'not enabled';
};
