import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { HYPERVISOR, XENMEM } from '../../src/host/constants.ts';
import { addressOf } from '../../src/host/guest-buffer.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X58',
  title: 'An exchange of memory that counts in the guest, as a control',
  says: 'A guest was preempted in XENMEM_exchange, which keeps nr_exchanged in its own buffer. It must come through without any record of its own, and must not be refused.',
  derived: true,
  sources: ['F3.4', 'I3.2', 'R6'],
  violates: null,
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const d = domainAt(draft, 1);
      const [buffer = 0, ...gfns] = d.pages.slice(8, 12);
      draft.hardware.content[buffer] = { kind: 'extents', gfns, exchanged: 1 };
      Object.assign(vcpuAt(d, 0).registers, {
        ...{ rax: HYPERVISOR.memory_op, rdi: XENMEM.exchange, rsi: addressOf(buffer) },
        atHypercall: true,
      });
    }),
  }),
  events: [],
  order: 'fair',
});
