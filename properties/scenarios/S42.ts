import { domainAt } from '../../src/host/build/draft.ts';
import { assignDevice } from '../../src/host/build/system.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S42',
  title: 'A window without IOMMU mappings',
  says: 'xen#2 derives the page types of a PV guest again, and each writable type that comes or goes changes the IOMMU: for a moment mappings that a device uses are missing.',
  sources: ['S42', 'R34', 'F8.17'],
  drop: ['R34'],
  violates: 'I8.6',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      assignDevice(draft, 1, '0000:03:00.0', { frames: domainAt(draft, 1).pages.slice(8, 12) });
    }),
  }),
  events: [],
  order: 'fair',
});
