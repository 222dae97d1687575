/** XEN_DOMCTL_pausedomain, unpausedomain and resumedomain (F2.2, F2.18, F2.19, F2.26). */
import { type Body, refuse, type StepError } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { domainResume } from '../vcpu/shutdown.ts';
import { isCaller, pauseDomain, privilegedCaller } from '../vcpus.ts';

interface Domctl {
  /** The domain and vCPU that ask, and the domain that it is about. */
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
}
export interface PauseDomain extends Domctl {
  readonly type: 'domctl.pausedomain';
}
export interface UnpauseDomain extends Domctl {
  readonly type: 'domctl.unpausedomain';
}
export interface ResumeDomain extends Domctl {
  readonly type: 'domctl.resumedomain';
}

/** Most pauses that the tool stack may hold. */
const MAX_CONTROLLER_PAUSES = 255;

/** The domain that a domctl is about: -EPERM for the unprivileged, -EINVAL for oneself. */
export const targetOf = (tx: Transaction, e: Domctl): { readonly d: MutableDomain } | StepError => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  if (e.caller === e.domid) return refuse('EINVAL', `d${e.domid} itself`);
  const d = tx.domain(e.domid);
  return d === undefined ? refuse('ESRCH', `no d${e.domid}`) : { d };
};
export const isTarget = (
  t: { readonly d: MutableDomain } | StepError,
): t is { readonly d: MutableDomain } => typeof t === 'object' && 'd' in t;

export const pause: Body<PauseDomain> = (tx, e) => {
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  if (t.d.controllerPauseCount >= MAX_CONTROLLER_PAUSES)
    return refuse('EOVERFLOW', `d${e.domid} is paused ${MAX_CONTROLLER_PAUSES} times`);
  t.d.controllerPauseCount++;
  pauseDomain(t.d);
  return null;
};

/** The first one that brings the count to 0 ends the creation (F2.2). */
export const unpause: Body<UnpauseDomain> = (tx, e) => {
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  const { d } = t;
  if (d.controllerPauseCount === 0)
    return refuse('EINVAL', `d${e.domid} is not paused by the tool stack`);
  d.controllerPauseCount--;
  d.pauseCount--;
  if (d.controllerPauseCount === 0) d.creationFinished = true;
  return null;
};

export const resume: Body<ResumeDomain> = (tx, e) => {
  const t = targetOf(tx, e);
  if (!isTarget(t)) return t;
  if (t.d.dying !== 'alive') return refuse('EINVAL', `d${e.domid} is dying`);
  domainResume(tx, t.d);
  return null;
};
