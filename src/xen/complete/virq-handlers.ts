/** Registered handlers of global VIRQs: a domain other than dom0 can only bind what it handles (F6.14). */
import { VIRQ_PER_DOMAIN, VIRQ_PER_VCPU } from '../../host/constants.ts';
import { domid } from '../../host/ids.ts';
import type { System } from '../../host/system.ts';
import type { DomainParts } from './domains.ts';
import type { Notes } from './notes.ts';

const isGlobal = (virq: number): boolean =>
  !VIRQ_PER_VCPU.includes(virq) && !VIRQ_PER_DOMAIN.includes(virq);

export const virqHandlersOf = (
  parts: readonly Pick<DomainParts, 'facts' | 'ports'>[],
  notes: Notes,
): System['virqHandlers'] => {
  const handlers: Record<number, ReturnType<typeof domid>> = {};
  for (const { facts, ports } of parts) {
    if (facts.domid === 0 || facts.dying !== 'alive') continue;
    for (const { binding } of ports.ports.values()) {
      if (binding.state !== 'virq' || !isGlobal(binding.virq)) continue;
      if (handlers[binding.virq] !== undefined) continue;
      handlers[binding.virq] = domid(facts.domid);
      notes.assume('virq-handlers', 1, facts.domid);
    }
  }
  return handlers;
};
