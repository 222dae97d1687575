import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X50',
  title: 'Free handles that are on no list',
  says: 'Handles that dom0 gave back are free, on the list of a vCPU. On none, each update takes some away until nothing can be mapped.',
  derived: true,
  sources: ['F7.4', 'I7.4'],
  drop: ['F7.4.free'],
  violates: 'I7.4',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }) });
    }),
  }),
  events: [],
  order: 'fair',
});
