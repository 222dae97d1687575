/**
 * A preempted hypercall is carried to its end in this Xen, without the guest
 * re-entering it: so that nothing of it has to mean anything to the next one
 * (F3.4, F3.9, F3.12).
 */

import { DOMCTL, HYPERVISOR } from '../../host/constants.ts';
import { lacksOnlyMove } from '../../host/domain.ts';
import { resetCallOf } from '../../host/reset-call.ts';
import { killOnce } from '../domctl/kill.ts';
import { finishPaging } from '../domctl/paging.ts';
import { carryOnSoftReset } from '../domctl/soft-reset.ts';
import { ERRNO } from '../errno.ts';
import { carryOnReset, isInReset } from '../event-channel/reset.ts';
import { finishOldGuestTable, onlyOldTableLeft } from '../mmu/old-guest-table.ts';
import { finishPin, isPinning } from '../mmu/pin.ts';
import type { Body } from '../step.ts';
import type { MutableVcpu, Transaction } from '../transaction.ts';
import { finishHypercall } from '../vcpus.ts';

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

/** A domctl that was re-issued for want of a lock has done nothing yet, and does nothing here. */
const finishDomctl = (tx: Transaction, command: number, target: number): number | 'goes on' => {
  if (command === DOMCTL.destroydomain) return finishDestroy(tx, target);
  return command === DOMCTL.createdomain || tx.domain(target) !== undefined ? 0 : -ERRNO.ESRCH;
};

/** F3.11: only the domain whose operation it is may resume it. */
const finishPagingCall = (tx: Transaction, target: number, caller: number): number => {
  const d = tx.domain(target);
  if (d === undefined) return -ERRNO.ESRCH;
  if (d.pagingPreempt?.caller !== caller) return -ERRNO.EBUSY;
  finishPaging(tx, d);
  return 0;
};

const finishMm = (tx: Transaction, v: MutableVcpu): number => {
  const rc = onlyOldTableLeft(v) ? v.registers.r10 : 0;
  finishOldGuestTable(tx, v);
  return rc;
};

export const finish: Body<HypercallFinish> = (tx, e) => {
  const v = tx.domain(e.domid)?.vcpus[e.vcpu];
  if (v === undefined || !v.registers.atHypercall) return 'not enabled';
  const { rax, rdi, rsi } = v.registers;
  if (isInReset(v)) carryOnReset(tx, e.domid, v, null);
  else if (resetCallOf(v.registers) !== null) carryOnSoftReset(tx, e.domid, v, null);
  else if (rax === HYPERVISOR.domctl) {
    const target = tx.domain(rsi);
    if (rdi === DOMCTL.destroydomain && target !== undefined && lacksOnlyMove(target))
      return 'not enabled';
    const result = finishDomctl(tx, rdi, rsi);
    if (result !== 'goes on') finishHypercall(v, result);
  } else if (rax === HYPERVISOR.paging_domctl_cont)
    finishHypercall(v, finishPagingCall(tx, rsi, e.domid));
  else if (isPinning(v)) finishPin(tx, e.domid, v);
  else finishHypercall(v, finishMm(tx, v));
  return null;
};
