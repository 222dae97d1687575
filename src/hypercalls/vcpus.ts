/** When a vCPU may run, who waits, and what wakes it (F2.17, F2.18, F3.12). */
import { VPF } from '../host/constants.ts';
import type { Domain } from '../host/domain.ts';
import type { Vcpu } from '../host/vcpu.ts';
import { resultWord } from './errno.ts';
import { refuse, type StepError } from './step.ts';
import type { MutableDomain, MutableVcpu, Transaction } from './transaction.ts';

/** vcpu_runnable (F2.17), for a vCPU that was brought up at all. */
export const isRunnable = (d: Domain, v: Vcpu): boolean =>
  v.initialised && v.pauseFlags === 0 && v.pauseCount === 0 && d.pauseCount === 0;

/** Would it run if it had something to do: is being blocked all that keeps it? */
export const wouldRun = (d: Domain, v: Vcpu): boolean =>
  isRunnable(d, { ...v, pauseFlags: v.pauseFlags & ~VPF.blocked });

/**
 * May it run by everything but a parking request of an update? For the path
 * from an answered ioreq to its completion, which parking must let through
 * (R14, F9.6). A vCPU that waits for its emulator has blocked_in_xen set until
 * the answer wakes it.
 */
export const runsUnlessParked = (d: Domain, v: Vcpu): boolean => {
  const parking = d.pausers.filter((p) => p === 'lu').length;
  return (
    v.initialised &&
    (v.pauseFlags & ~VPF.blocked_in_xen) === 0 &&
    v.pauseCount === 0 &&
    d.pauseCount === parking
  );
};

/** vcpu_unblock: an event arrived, so it no longer waits for one; polling ends too. */
export const unblock = (v: MutableVcpu): void => {
  if ((v.pauseFlags & VPF.blocked) === 0) return;
  v.pauseFlags &= ~VPF.blocked;
  if (v.pollPorts.length > 0) v.pollPorts = [];
};

/** vcpu_pause: off its CPU until as many unpauses have come (F2.18). */
export const pauseVcpu = (v: MutableVcpu): void => {
  v.pauseCount++;
  v.runningOn = null;
};

export const unpauseVcpu = (tx: Transaction, v: MutableVcpu): void => {
  if (v.pauseCount === 0) tx.bug(`unpause of v${v.id}, which is not paused`);
  else v.pauseCount--;
};

/** domain_pause, for a holder inside Xen or the tool stack: the caller notes who. */
export const pauseDomain = (d: MutableDomain): void => {
  d.pauseCount++;
  for (const v of d.vcpus) if (v.runningOn !== null) v.runningOn = null;
};

export interface Caller {
  readonly d: MutableDomain;
  readonly v: MutableVcpu;
}

/**
 * The vCPU that makes a hypercall: it must run, stand at no other hypercall
 * (that one is re-entered first, F3.1) and wait for no emulation.
 */
export const caller = (tx: Transaction, domid: number, vcpu: number): Caller | StepError => {
  const d = tx.domain(domid);
  const v = d?.vcpus[vcpu];
  if (d === undefined || v === undefined || !isRunnable(d, v)) return 'not enabled';
  return v.registers.atHypercall || v.io.completion !== 'none' ? 'not enabled' : { d, v };
};

/** caller() for a hypercall that only privileged domains may make. */
export const privilegedCaller = (
  tx: Transaction,
  domid: number,
  vcpu: number,
): Caller | StepError => {
  const c = caller(tx, domid, vcpu);
  if (!isCaller(c) || c.d.isPrivileged) return c;
  return refuse('EPERM', `d${domid} is not privileged`);
};

export const isCaller = (c: Caller | StepError): c is Caller => typeof c === 'object' && 'v' in c;

/**
 * hypercall_create_continuation: the vCPU stands on the instruction again,
 * with the number and the arguments in its registers (F3.1).
 */
export const continueLater = (v: MutableVcpu, number: number, rdi: number, rsi: number): void => {
  Object.assign(v.registers, { rax: number, rdi, rsi, atHypercall: true });
};

/** The hypercall that the vCPU stood at is over; `result` as a C long. */
export const finishHypercall = (v: MutableVcpu, result: number): void => {
  v.registers.rax = resultWord(result);
  v.registers.atHypercall = false;
};
