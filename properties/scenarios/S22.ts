import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { HYPERVISOR } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S22',
  title: 'A multicall preempted in mid-list, as a control',
  says: 'All that is left of a preempted multicall is in guest memory and registers, so it must come through without any record of its own, and must not be refused.',
  sources: ['S22', 'F3.3'],
  violates: null,
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const { registers } = vcpuAt(domainAt(draft, 1), 0);
      Object.assign(registers, { rax: HYPERVISOR.multicall, rdi: 4096, rsi: 3, atHypercall: true });
    }),
  }),
  events: [],
  order: 'fair',
});
