import { domainAt } from '../../src/host/build/draft.ts';
import { mapForeignGfn } from '../../src/host/build/p2m.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X30',
  title: 'A foreign entry without its reference',
  says: 'A PVH domain has a page of another domain in its P2M. xen#2 takes the P2M as it lies in memory and no reference on the page, which is freed under the mapping.',
  derived: true,
  sources: ['F8.20', 'Q9', 'R43'],
  drop: ['F8.20.foreign', 'R44'],
  violates: 'I8.2',
  start: () => ({
    host: hostOf(['pv', 'pvh'], (draft) => {
      mapForeignGfn(draft, domainAt(draft, 2), domainAt(draft, 1).pages[10] as number);
    }),
  }),
  events: [],
  order: 'fair',
});
