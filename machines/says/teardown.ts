/**
 * How far domain_kill is: the phase that comes next, by its name in
 * domain_teardown and domain_relinquish_resources (F2.9, F2.10).
 */

import type { Saying } from '../../src/world/chart.ts';
import { atPhase, type DomainPlace, ofDomain } from '../../src/world/look.ts';

export const teardownSays = {
  dying: ofDomain((d) => d.dying === 'dying'),
  gnttab_mappings: atPhase('none', 'gnttab_mappings'),
  vcpu_teardown: atPhase('vcpu_teardown'),
  arch_teardown: atPhase('arch_teardown'),
  evtchn: atPhase('evtchn'),
  pci: atPhase('pci'),
  iommu_pagetables: atPhase('iommu_pagetables'),
  shared: atPhase('shared'),
  mappings: atPhase('mappings'),
  paging: atPhase('paging'),
  vcpu_pagetables: atPhase('vcpu_pagetables'),
  xen: atPhase('xen'),
  l4: atPhase('l4'),
  l3: atPhase('l3'),
  l2: atPhase('l2'),
  rest: atPhase('rest'),
  finishing: atPhase('done'),
  zombie: ofDomain((d) => d.dying === 'dead'),
} satisfies Readonly<Record<string, Saying<DomainPlace>>>;
