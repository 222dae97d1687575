import { domainAt } from '../../src/host/build/draft.ts';
import { assignDevice } from '../../src/host/build/system.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S43',
  title: 'An IOMMU table inside bootmem',
  says: 'The root table of the IOMMU lies in live-update bootmem. The boot allocator of xen#2 writes over it while devices go on with DMA.',
  sources: ['S43', 'R33'],
  drop: ['R33'],
  violates: 'I8.6',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      assignDevice(draft, 1, '0000:03:00.0', { frames: domainAt(draft, 1).pages.slice(8, 12) });
    }),
  }),
  events: [],
  order: 'fair',
});
