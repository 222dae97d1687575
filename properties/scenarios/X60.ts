import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { HYPERVISOR, XENMEM } from '../../src/host/constants.ts';
import { addressOf } from '../../src/host/guest-buffer.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X60',
  title: 'A preempted call without its arguments',
  says: 'A guest was preempted in XENMEM_decrease_reservation after two extents. It enters xen#2 with the number of the call, and registers that do not say which operation or how far.',
  derived: true,
  sources: ['F3.1', 'F3.4', 'F10.11', 'I3.2'],
  drop: ['F3.1.arguments'],
  violates: 'I3.2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const d = domainAt(draft, 1);
      const [buffer = 0, ...gfns] = d.pages.slice(8, 12);
      draft.hardware.content[buffer] = { kind: 'extents', gfns, exchanged: 0 };
      Object.assign(vcpuAt(d, 0).registers, {
        ...{ rax: HYPERVISOR.memory_op, rdi: 2 * 64 + XENMEM.decrease_reservation },
        ...{ rsi: addressOf(buffer), atHypercall: true },
      });
    }),
  }),
  events: [],
  order: 'fair',
});
