/** EVTCHNOP_reset and its continuation EVTCHNOP_reset_cont (F5). */

import { numericKeys } from '../../host/codec.ts';
import { EVTCHNOP, HYPERVISOR } from '../../host/constants.ts';
import { resetCallOf } from '../../host/reset-call.ts';
import { controls } from '../domains.ts';
import { ERRNO, errorWord } from '../errno.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { caller, continueLater, finishHypercall, isCaller } from '../vcpus.ts';
import { closePort } from './close.ts';
import { destroyFifo } from './fifo-control.ts';

/**
 * `target`'s ports are closed. `ports`: how many port numbers are done before
 * the call is preempted; null: it is not. Xen looks for a reason at every
 * 64th, an arbitrary choice as its source says, so any number stands here.
 */
export interface EvtchnReset {
  readonly type: 'evtchn.reset';
  readonly domid: number;
  readonly vcpu: number;
  readonly target: number;
  readonly ports: number | null;
}
/** The caller's vCPU re-enters with sub-op 14. */
export interface EvtchnResetContinue {
  readonly type: 'evtchn.reset-continue';
  readonly domid: number;
  readonly vcpu: number;
  readonly ports: number | null;
}

type Outcome = 'done' | 'preempted' | Refused;

/** Ports from `start` to `limit`, until none of the guest's is open (F5.2, step 4). */
const closeFrom = (
  tx: Transaction,
  d: MutableDomain,
  start: number,
  limit: number,
): 'done' | 'preempted' => {
  const { events } = d;
  for (const port of numericKeys(events.channels)) {
    if (port < start) continue;
    if (events.activeChannels <= events.xenChannels) break;
    if (port > limit) {
      events.nextEvtchn = limit;
      return 'preempted';
    }
    // -EINVAL for a port of Xen's, which stays (F5.5).
    closePort(tx, d, port, true);
  }
  return 'done';
};

/** evtchn_reset (F5.2). */
export const resetPorts = (
  tx: Transaction,
  caller: number,
  d: MutableDomain,
  resuming: boolean,
  ports: number | null,
): Outcome => {
  const { events } = d;
  if (d.domid !== caller && d.controllerPauseCount === 0)
    return refuse('EINVAL', `d${d.domid} is not paused by its controller`);
  const start = resuming ? events.nextEvtchn : events.nextEvtchn === 0 ? 1 : 0;
  if (start === 0)
    return refuse('EBUSY', resuming ? 'no reset is in progress' : 'a reset is in progress');
  events.nextEvtchn = Math.max(events.nextEvtchn, start);
  // The cursor's own port was done before a resume. At least one more, or it would never end.
  const step = ports === null || !tx.ctx.version.hasResetCont ? Infinity : Math.max(1, ports);
  const limit = (resuming ? start : start - 1) + step;
  if (closeFrom(tx, d, start, limit) === 'preempted') return 'preempted';
  events.nextEvtchn = 0;
  if (events.activeChannels > events.xenChannels)
    return refuse('EAGAIN', `ports of d${d.domid} were opened meanwhile`);
  if (events.abi === 'fifo') destroyFifo(tx, d);
  return 'done';
};

export const reset: Body<EvtchnReset> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.target);
  if (d === undefined) return refuse('ESRCH', `no d${e.target}`);
  if (!controls(c.d, e.target)) return refuse('EPERM', `d${e.domid} has no right to d${e.target}`);
  const outcome = resetPorts(tx, e.domid, d, false, e.ports);
  if (outcome === 'preempted')
    continueLater(c.v, HYPERVISOR.event_channel_op, EVTCHNOP.reset_cont, e.target);
  return outcome === 'done' || outcome === 'preempted' ? null : outcome;
};

/** Result of a reset that the vCPU re-enters, or 'preempted'. */
const resetResult = (
  tx: Transaction,
  domid: number,
  v: MutableVcpu,
  ports: number | null,
): number | 'preempted' => {
  const resuming = v.registers.rdi === EVTCHNOP.reset_cont;
  if (resuming && !tx.ctx.version.hasResetCont) return -ERRNO.ENOSYS;
  const d = tx.domain(v.registers.rsi);
  if (d === undefined) return -ERRNO.ESRCH;
  const outcome = resetPorts(tx, domid, d, resuming, ports);
  if (outcome === 'preempted') return outcome;
  return outcome === 'done' ? 0 : errorWord(outcome.errno);
};

/** Carries a preempted reset on; its result goes to the registers, also -EAGAIN and -EBUSY. */
export const carryOnReset = (
  tx: Transaction,
  domid: number,
  v: MutableVcpu,
  ports: number | null,
): void => {
  const result = resetResult(tx, domid, v, ports);
  if (result === 'preempted') v.registers.rdi = EVTCHNOP.reset_cont;
  else finishHypercall(v, result);
};

/** Is the vCPU preempted in a reset that it asked for itself, fresh or continued? */
export const isInReset = (v: MutableVcpu): boolean => resetCallOf(v.registers)?.by === 'evtchn';

export const resetContinue: Body<EvtchnResetContinue> = (tx, e) => {
  const v = tx.domain(e.domid)?.vcpus[e.vcpu];
  if (v === undefined || !isInReset(v)) return 'not enabled';
  carryOnReset(tx, e.domid, v, e.ports);
  return null;
};
