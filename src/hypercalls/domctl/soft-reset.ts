/**
 * XEN_DOMCTL_soft_reset: the tool stack turns a translated guest that has
 * shut down into one that could have just been made, for a kernel that was
 * loaded over the old one. It closes the event channels as EVTCHNOP_reset
 * does, with the same cursor, and goes on as soft_reset_cont (F5.7). Left out:
 * the fresh page at shared_info's gfn, which only the guest looks at.
 */
import { DOMCTL, HYPERVISOR } from '../../host/constants.ts';
import { resetCallOf } from '../../host/reset-call.ts';
import { ERRNO, errorWord } from '../errno.ts';
import { resetPorts } from '../event-channel/reset.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { domainResume } from '../vcpu/shutdown.ts';
import { continueLater, finishHypercall, isCaller, privilegedCaller } from '../vcpus.ts';
import { unmapAreas } from './kill.ts';
import { isTarget, targetOf } from './pause.ts';

/** `ports`: as of `evtchn.reset`, how many are closed before the call is preempted. */
export interface SoftReset {
  readonly type: 'domctl.soft_reset';
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
  readonly ports: number | null;
}
/** The caller's vCPU re-enters. */
export interface SoftResetContinue {
  readonly type: 'domctl.soft_reset-continue';
  readonly domid: number;
  readonly vcpu: number;
  readonly ports: number | null;
}

const softReset = (
  tx: Transaction,
  caller: number,
  d: MutableDomain,
  resuming: boolean,
  ports: number | null,
): 'done' | 'preempted' | Refused => {
  if (d.type === 'pv' || d.dying !== 'alive')
    return refuse('EINVAL', `d${d.domid} cannot be reset`);
  if (!d.vcpus.every((v) => v.pausedForShutdown))
    return refuse('EINVAL', `d${d.domid} has not shut down`);
  const outcome = resetPorts(tx, caller, d, resuming, ports);
  if (outcome !== 'done') return outcome;
  unmapAreas(tx, d);
  domainResume(tx, d);
  return 'done';
};

export const softResetDomain: Body<SoftReset> = (tx, e) => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  const outcome = softReset(tx, e.caller, t.d, false, e.ports);
  if (outcome === 'preempted')
    continueLater(c.v, HYPERVISOR.domctl, DOMCTL.soft_reset_cont, e.domid);
  return typeof outcome === 'string' ? null : outcome;
};

const resultOf = (
  tx: Transaction,
  domid: number,
  v: MutableVcpu,
  ports: number | null,
): number | 'preempted' => {
  const call = resetCallOf(v.registers);
  if (call === null || (call.resuming && !tx.ctx.version.hasResetCont)) return -ERRNO.ENOSYS;
  const d = tx.domain(call.target);
  if (d === undefined) return -ERRNO.ESRCH;
  const outcome = softReset(tx, domid, d, call.resuming, ports);
  if (outcome === 'preempted') return outcome;
  return outcome === 'done' ? 0 : errorWord(outcome.errno);
};

/** Carries a preempted soft reset on; its result goes to the registers. */
export const carryOnSoftReset = (
  tx: Transaction,
  domid: number,
  v: MutableVcpu,
  ports: number | null,
): void => {
  const result = resultOf(tx, domid, v, ports);
  if (result === 'preempted') v.registers.rdi = DOMCTL.soft_reset_cont;
  else finishHypercall(v, result);
};

export const softResetContinue: Body<SoftResetContinue> = (tx, e) => {
  const v = tx.domain(e.domid)?.vcpus[e.vcpu];
  if (v === undefined || resetCallOf(v.registers)?.by !== 'domctl') return 'not enabled';
  carryOnSoftReset(tx, e.domid, v, e.ports);
  return null;
};
