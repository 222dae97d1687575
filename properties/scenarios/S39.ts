import { domainAt } from '../../src/host/build/draft.ts';
import { mapFrame } from '../../src/host/build/page-tables.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S39',
  title: 'Validating a mapping before its page has an owner',
  says: 'Passes of different domains overlap. dom0 validates an L1 that maps a page of the guest before pass 1 of the guest: the page has no owner, the reference fails.',
  sources: ['S39', 'R38', 'R40', 'F8.21', 'section 11 rule 7'],
  drop: ['R38'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      mapFrame(draft, domainAt(draft, 0), domainAt(draft, 1).pages[10] as number, { rw: true });
    }),
  }),
  events: [],
  order: 'any',
});
