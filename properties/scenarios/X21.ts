import { placeVcpuInfo } from '../../src/host/build/fifo.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X21',
  title: 'vcpu_info in the wrong place',
  says: 'A guest moved the vcpu_info of a vCPU to a page of its own. xen#2 writes to the old place in shared_info, where the guest does not look.',
  derived: true,
  sources: ['F10.7', 'F8.4', 'section 11 rule 10'],
  drop: ['F10.7.vcpu-info'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      placeVcpuInfo(draft, 1, 0, 0x40);
    }),
  }),
  events: [],
  order: 'fair',
});
