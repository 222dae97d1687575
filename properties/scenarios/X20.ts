import { domainAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X20',
  title: 'What the tool stack gave a guest is taken away',
  says: 'A guest was given the memory and the interrupt of a device. After the update it may no longer map the one nor bind the other.',
  derived: true,
  sources: ['F10.7'],
  drop: ['F10.7.permissions'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const { domain } = domainAt(draft, 1);
      domain.irqs.push([16, 16]);
      domain.iomem.push([0xfe000, 0xfe00f]);
    }),
  }),
  events: [],
  order: 'fair',
});
