import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { HYPERVISOR } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X13',
  title: 'Progress of a memory_op that xen#2 reads as none',
  says: 'A guest was preempted in XENMEM_populate_physmap, with the start extent in the upper bits of the command. A Xen that puts it elsewhere begins again, and populates twice.',
  derived: true,
  sources: ['F3.7', 'F3.4'],
  drop: ['F3.7.encoding'],
  violates: 'I3.2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const { registers } = vcpuAt(domainAt(draft, 1), 0);
      // Start extent 3, command 6.
      Object.assign(registers, { rax: HYPERVISOR.memory_op, rdi: 3 * 64 + 6, atHypercall: true });
    }),
  }),
  events: [],
  order: 'fair',
});
