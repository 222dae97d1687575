/** XEN_DOMCTL_destroydomain and domain_kill (F2.7, F4.1). */
import { numericEntries } from '../../host/codec.ts';
import { DOMCTL, HYPERVISOR, VIRQ } from '../../host/constants.ts';
import { lacksOnlyMove, type Teardown } from '../../host/domain.ts';
import { putDomain } from '../domains.ts';
import { sendGlobalVirq } from '../event-channel/virq.ts';
import { putPageAndType } from '../pages/puts.ts';
import { type Body, refuse } from '../step.ts';
import type { MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import {
  continueLater,
  finishHypercall,
  isCaller,
  pauseDomain,
  privilegedCaller,
} from '../vcpus.ts';
import { teardownWork } from './teardown.ts';

/** `caller`'s vCPU asks for the end of `domid`, and is preempted before the first phase. */
export interface DestroyDomain {
  readonly type: 'domctl.destroydomain';
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
}
/** One phase of domain_kill, in the order of the version; the last step makes it dead. */
export interface DomainKill {
  readonly type: 'domain.kill';
  readonly domid: number;
}

export const destroyDomain: Body<DestroyDomain> = (tx, e) => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  if (e.caller === e.domid) return refuse('EINVAL', `d${e.domid} cannot destroy itself`);
  const d = tx.domain(e.domid);
  if (d === undefined) return refuse('ESRCH', `no d${e.domid}`);
  if (d.dying === 'alive') {
    pauseDomain(d);
    d.pausers.push('dying');
    d.dying = 'dying';
    d.teardown = { ...d.teardown, phase: 'none' };
  }
  // A domain that is dead already: nothing to do, and 0.
  if (d.dying === 'dying') continueLater(c.v, HYPERVISOR.domctl, DOMCTL.destroydomain, e.domid);
  else c.v.registers.rax = 0;
  return null;
};

/** Is the vCPU preempted in destroydomain of `target` (F4.1)? */
const isDestroying = (v: MutableVcpu, target: number): boolean =>
  v.registers.atHypercall &&
  v.registers.rax === HYPERVISOR.domctl &&
  v.registers.rdi === DOMCTL.destroydomain &&
  v.registers.rsi === target;

/** unmap_vcpu_info and the like, for each vCPU. */
export const unmapAreas = (tx: Transaction, d: MutableDomain): void => {
  for (const v of d.vcpus) {
    if (v.vcpuInfo !== null) putPageAndType(tx, v.vcpuInfo.frame);
    v.vcpuInfo = null;
    v.runstateArea = null;
  }
};

/** The end of domain_kill: dead, the creation's reference dropped, the callers answered. */
const becomeDead = (tx: Transaction, d: MutableDomain): void => {
  const { domid } = d;
  unmapAreas(tx, d);
  d.teardown = { phase: 'done' };
  d.dying = 'dead';
  d.unsupported = [];
  putDomain(tx, domid);
  sendGlobalVirq(tx, VIRQ.DOM_EXC);
  for (const [, other] of numericEntries(tx.xen.domains))
    for (const v of other.vcpus) if (isDestroying(v, domid)) finishHypercall(v, 0);
};

/**
 * One phase, or the end of it all. A phase that is not in this version's order
 * was set by another Xen (F2.9, F2.10): the teardown starts over. The phase
 * that the domain bears afterwards is the next to be done.
 */
export const killOnce = (tx: Transaction, d: MutableDomain): void => {
  const order = tx.ctx.version.teardownOrder as readonly Teardown['phase'][];
  const { phase } = d.teardown;
  const at = Math.max(0, order.indexOf(phase));
  const current = phase === 'done' ? undefined : order[at];
  if (current === undefined) {
    becomeDead(tx, d);
    return;
  }
  d.teardown = { ...d.teardown, phase: order[at + 1] ?? 'done' };
  teardownWork[current](tx, d);
};

export const kill: Body<DomainKill> = (tx, e) => {
  const d = tx.domain(e.domid);
  // A move that fails changes nothing: -ERESTART, and the same again (F2.7).
  if (d === undefined || d.dying !== 'dying' || lacksOnlyMove(d)) return 'not enabled';
  killOnce(tx, d);
  return null;
};
