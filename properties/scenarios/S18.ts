import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { DOMCTL, HYPERVISOR } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S18',
  title: 'A domctl of dom0 across a change of its interface',
  says: 'dom0 is interrupted in destroydomain. After the update the domctl interface is another one, the continuation gets -EACCES, and the domain stays dying for ever.',
  sources: ['S18', 'R21', 'F3.9'],
  drop: ['R9.refuse'],
  violates: 'I3.2',
  start: () => ({
    host: hostOf(
      ['pv'],
      (draft) => {
        const { registers } = vcpuAt(domainAt(draft, 0), 0);
        Object.assign(registers, {
          ...{ rax: HYPERVISOR.domctl, rdi: DOMCTL.destroydomain, rsi: 1 },
          atHypercall: true,
        });
      },
      { version: '4.14' },
    ),
    to: '4.15',
  }),
  events: [],
  order: 'fair',
});
