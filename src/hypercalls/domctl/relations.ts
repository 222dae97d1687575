/** XEN_DOMCTL_set_virq_handler and set_target: domains that hold others (F2.14, F6.14). */
import { NR_VIRQS } from '../../host/constants.ts';
import { domid } from '../../host/ids.ts';
import { getDomain, putDomain } from '../domains.ts';
import { virqKind } from '../event-channel/virq.ts';
import { type Body, refuse } from '../step.ts';
import { isCaller, privilegedCaller } from '../vcpus.ts';

/** `domid` handles a global VIRQ from now on. */
export interface SetVirqHandler {
  readonly type: 'domctl.set_virq_handler';
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
  readonly virq: number;
}
/** `domid` may act as the device model of `target`. */
export interface SetTarget {
  readonly type: 'domctl.set_target';
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
  readonly target: number;
}

/** A registration holds a reference; the one before lets its own go. */
export const setVirqHandler: Body<SetVirqHandler> = (tx, e) => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.domid);
  if (d === undefined) return refuse('ESRCH', `no d${e.domid}`);
  if (e.virq < 0 || e.virq >= NR_VIRQS || virqKind(e.virq) !== 'global')
    return refuse('EINVAL', `VIRQ ${e.virq} is not global`);
  if (d.dying !== 'alive') return refuse('EINVAL', `d${e.domid} is dying`);
  const { virqHandlers } = tx.xen.system;
  const old = virqHandlers[e.virq];
  if (old === e.domid) return null;
  getDomain(d);
  virqHandlers[e.virq] = domid(e.domid);
  if (old !== undefined) putDomain(tx, old);
  return null;
};

export const setTarget: Body<SetTarget> = (tx, e) => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.domid);
  const target = tx.domain(e.target);
  if (d === undefined || target === undefined)
    return refuse('ESRCH', `no d${e.domid} or no d${e.target}`);
  if (e.domid === e.target) return refuse('EINVAL', `d${e.domid} itself`);
  if (d.target !== null) return refuse('EINVAL', `d${e.domid} has a target`);
  getDomain(target);
  d.target = domid(e.target);
  return null;
};
