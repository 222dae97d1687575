/** VIRQs: of a vCPU, of the whole host, and who handles the latter (F6.14). */
import { numericEntries } from '../../host/codec.ts';
import { VIRQ_PER_DOMAIN, VIRQ_PER_VCPU } from '../../host/constants.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { setPending } from './pending.ts';

export type VirqKind = 'vcpu' | 'domain' | 'global';

export const virqKind = (virq: number): VirqKind => {
  if (VIRQ_PER_VCPU.includes(virq)) return 'vcpu';
  return VIRQ_PER_DOMAIN.includes(virq) ? 'domain' : 'global';
};

/** send_guest_vcpu_virq: to the port that the vCPU bound, if it did. */
export const sendVcpuVirq = (
  tx: Transaction,
  d: MutableDomain,
  vcpu: number,
  virq: number,
): void => {
  const port = d.vcpus[vcpu]?.virqToPort[virq];
  if (port !== undefined && port !== 0) setPending(tx, d, port);
};

/** The domain that a global VIRQ goes to: its registered handler, else the hardware domain. */
export const globalHandler = (tx: Transaction, virq: number): MutableDomain | undefined => {
  const registered = tx.xen.system.virqHandlers[virq];
  if (registered !== undefined) return tx.domain(registered);
  return numericEntries(tx.xen.domains).find(([, d]) => d.isHardware)?.[1];
};

/** send_global_virq: global VIRQs are bound on vCPU 0. */
export const sendGlobalVirq = (tx: Transaction, virq: number): void => {
  const d = globalHandler(tx, virq);
  if (d !== undefined) sendVcpuVirq(tx, d, 0, virq);
};
