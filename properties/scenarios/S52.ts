import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S52',
  title: 'One pin for a handle that holds two',
  says: 'A handle maps a grant for the host and for a device. Counted as one pin, the grant looks unused while it is still mapped, and the granter gives the page away.',
  sources: ['S52', 'F7.5'],
  drop: ['F7.5.pins'],
  violates: 'I7.1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      mapGrant(draft, 0, {
        granter: 1,
        ref: offerGrant(draft, 1, { to: 0 }),
        host: true,
        device: true,
      });
    }),
  }),
  events: [],
  order: 'fair',
});
