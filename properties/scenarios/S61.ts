import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { makeZombie } from '../../src/host/build/zombie.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S61',
  title: 'One zombie that ends every update',
  says: 'hvm_save refuses a dying domain with -EINVAL. A save that goes through it fails for as long as the zombie exists, which may be for ever.',
  sources: ['S61', 'F10.9'],
  drop: ['F10.9.dying'],
  violates: 'LIVE-1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }) });
      makeZombie(draft, 1);
    }),
  }),
  events: [],
  order: 'fair',
});
