import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { HYPERVISOR } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X49',
  title: 'A hypercall that is passed over',
  says: 'A guest stands at a preempted hypercall. Let on behind it, it takes for done what was not.',
  derived: true,
  sources: ['F3.1', 'F3.4', 'I3.2'],
  drop: ['F3.1.registers'],
  violates: 'I3.2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const { registers } = vcpuAt(domainAt(draft, 1), 0);
      Object.assign(registers, { rax: HYPERVISOR.memory_op, rdi: 6, atHypercall: true });
    }),
  }),
  events: [],
  order: 'fair',
});
