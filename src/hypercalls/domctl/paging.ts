/** Operations on log-dirty and the paging pool, which are preempted with their state in the domain (F3.11). */
import { DOMCTL, HYPERVISOR } from '../../host/constants.ts';
import { P2M_TYPE } from '../../host/content.ts';
import type { PagingPreempt } from '../../host/domain.ts';
import type { Vcpu } from '../../host/vcpu.ts';
import { changeP2mType } from '../memory/p2m.ts';
import { type Body, refuse } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { continueLater, finishHypercall, isCaller, privilegedCaller } from '../vcpus.ts';

type PreemptibleOp = PagingPreempt['op'];

/**
 * XEN_DOMCTL_shadow_op; `preempt`: interrupted half way, where Xen can be.
 * Peek, clean and off need log-dirty on. The size of the paging pool is Xen's
 * alone and not modelled: of set_allocation only who may go on with it is, and
 * get_allocation is the one question that is answered meanwhile.
 */
export interface ShadowOp {
  readonly type: 'domctl.shadow_op';
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
  readonly op: 'enable_logdirty' | 'get_allocation' | PreemptibleOp;
  readonly preempt: boolean;
}
/** The preempted operation is carried to its end. */
export interface PagingContinue {
  readonly type: 'paging.continue';
  readonly domid: number;
}

/** Effect on the P2M: clean makes every page read-only to log again, off makes all writable. */
const finishOp = (tx: Transaction, d: MutableDomain, op: PreemptibleOp): void => {
  if (d.p2m === null) return;
  if (op === 'clean') changeP2mType(tx, d, P2M_TYPE.ram_rw, P2M_TYPE.ram_logdirty);
  if (op !== 'off') return;
  d.p2m.logDirty = false;
  changeP2mType(tx, d, P2M_TYPE.ram_logdirty, P2M_TYPE.ram_rw);
};

export const shadowOp: Body<ShadowOp> = (tx, e) => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.domid);
  if (d === undefined) return refuse('ESRCH', `no d${e.domid}`);
  if (d.dying !== 'alive') return refuse('EINVAL', `d${e.domid} is dying`);
  if (e.caller === e.domid || d.p2m === null)
    return refuse('EINVAL', `d${e.domid} cannot be logged by d${e.caller}`);
  if (e.op === 'get_allocation') return null;
  if (d.pagingPreempt !== null) return refuse('EBUSY', `d${e.domid}: another one is half done`);
  if (e.op === 'enable_logdirty') {
    if (d.p2m.logDirty) return refuse('EINVAL', `d${e.domid} is logged already`);
    d.p2m.logDirty = true;
    changeP2mType(tx, d, P2M_TYPE.ram_rw, P2M_TYPE.ram_logdirty);
    return null;
  }
  if (e.op !== 'set_allocation' && !d.p2m.logDirty)
    return refuse('EINVAL', `d${e.domid} is not logged`);
  if (!e.preempt) {
    finishOp(tx, d, e.op);
    return null;
  }
  d.pagingPreempt = { caller: c.d.domid, op: e.op, done: 1 };
  continueLater(c.v, HYPERVISOR.paging_domctl_cont, DOMCTL.shadow_op, e.domid);
  return null;
};

/** Is the vCPU preempted in a log-dirty operation on `target`? */
export const isPaging = (v: Pick<Vcpu, 'registers'>, target: number): boolean =>
  v.registers.atHypercall &&
  v.registers.rax === HYPERVISOR.paging_domctl_cont &&
  v.registers.rsi === target;

/** Finishes the operation of `d` and answers the vCPU of its caller that waits for it. */
export const finishPaging = (tx: Transaction, d: MutableDomain): void => {
  const preempt = d.pagingPreempt;
  if (preempt === null) return;
  finishOp(tx, d, preempt.op);
  d.pagingPreempt = null;
  for (const v of tx.domain(preempt.caller)?.vcpus ?? [])
    if (isPaging(v, d.domid)) finishHypercall(v, 0);
};

export const pagingContinue: Body<PagingContinue> = (tx, e) => {
  const d = tx.domain(e.domid);
  if (d === undefined || d.pagingPreempt === null) return 'not enabled';
  finishPaging(tx, d);
  return null;
};
