/** The domain list: look-up, references (F2.14) and what happens at the last of them (F2.15). */
import { VIRQ } from '../host/constants.ts';
import type { Domain } from '../host/domain.ts';
import { domid } from '../host/ids.ts';
import { sendGlobalVirq } from './event-channel/virq.ts';
import type { MutableDomain, Transaction } from './transaction.ts';

/** May `d` act on `other` as its device model or tool stack (XSM_TARGET)? */
export const controls = (
  d: Pick<Domain, 'domid' | 'isPrivileged' | 'target'>,
  other: number,
): boolean => d.domid === other || d.isPrivileged || d.target === other;

/** get_domain: one counted reference. */
export const getDomain = (d: MutableDomain): void => {
  d.refcnt++;
};

/** put_domain: drops one, and destroys the domain with the last. */
export const putDomain = (tx: Transaction, id: number): void => {
  const d = tx.domain(id);
  if (d === undefined || d.refcnt < 1) {
    tx.bug(`put_domain of d${id}, which holds no reference`);
    return;
  }
  d.refcnt--;
  if (d.refcnt === 0) destroyDomain(tx, d);
};

/**
 * domain_destroy: the domain leaves the list, and RCU will free the rest.
 * Xen drops the reference to its target in that callback; here it is part of
 * the record that leaves, so it goes now.
 */
const destroyDomain = (tx: Transaction, d: MutableDomain): void => {
  const { target, domid: id } = d;
  delete tx.xen.domains[id];
  tx.xen.system.destroying.push(id);
  tx.xen.system.rcu.push({ kind: 'complete_domain_destroy', domid: id });
  if (target !== null) putDomain(tx, target);
};

/**
 * complete_domain_destroy: what its vCPUs had in tasklets is killed, the
 * domid is free again, and the tool stack hears of it.
 */
export const completeDestroy = (tx: Transaction, id: number): void => {
  const { system } = tx.xen;
  system.tasklets = system.tasklets.filter((k) => k.vcpu?.domid !== id);
  system.destroying = system.destroying.filter((d) => d !== domid(id));
  sendGlobalVirq(tx, VIRQ.DOM_EXC);
};
