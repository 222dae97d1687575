import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { makeZombie } from '../../src/host/build/zombie.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S32',
  title: 'A domain that is dying before it has its pages',
  says: 'is_dying is restored with the domain, in pass 0. Pass 1 cannot assign pages to a dying domain, and xen#2 stops the host.',
  sources: ['S32', 'F2.12', 'section 11 rule 11'],
  drop: ['F2.12.dying-last'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }) });
      makeZombie(draft, 1);
    }),
  }),
  events: [],
  order: 'fair',
});
