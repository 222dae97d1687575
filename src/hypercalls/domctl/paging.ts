/** Log-dirty operations, which are preempted with their state in the domain (F3.11). */
import { DOMCTL, HYPERVISOR } from '../../host/constants.ts';
import { P2M_TYPE } from '../../host/content.ts';
import type { Vcpu } from '../../host/vcpu.ts';
import { changeP2mType } from '../memory/p2m.ts';
import { type Body, refuse } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { continueLater, finishHypercall, isCaller, privilegedCaller } from '../vcpus.ts';

/** XEN_DOMCTL_shadow_op; `preempt`: interrupted half way. Peek, clean and off need log-dirty on. */
export interface ShadowOp {
  readonly type: 'domctl.shadow_op';
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
  readonly op: 'enable_logdirty' | 'peek' | 'clean' | 'off';
  readonly preempt: boolean;
}
/** The preempted operation is carried to its end. */
export interface PagingContinue {
  readonly type: 'paging.continue';
  readonly domid: number;
}

type PreemptibleOp = NonNullable<MutableDomain['pagingPreempt']>['op'];

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
  if (d.pagingPreempt !== null) return refuse('EBUSY', `d${e.domid}: another one is half done`);
  if (e.op === 'enable_logdirty') {
    if (d.p2m.logDirty) return refuse('EINVAL', `d${e.domid} is logged already`);
    d.p2m.logDirty = true;
    changeP2mType(tx, d, P2M_TYPE.ram_rw, P2M_TYPE.ram_logdirty);
    return null;
  }
  if (!d.p2m.logDirty) return refuse('EINVAL', `d${e.domid} is not logged`);
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
