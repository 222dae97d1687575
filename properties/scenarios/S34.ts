import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { makeZombie } from '../../src/host/build/zombie.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S34',
  title: 'Waiting for a zombie whose page a parked guest maps',
  says:
    'The update waits until no domain is dying. A zombie stays until the guest that maps its ' +
    'page gives it back, and that guest is paused for the update.',
  sources: ['S34', 'Q3', 'F2.16'],
  policy: { Q3: 'wait' },
  violates: 'LIVE-1',
  start: () => ({
    host: hostOf(['pv', 'pvh'], (draft) => {
      mapGrant(draft, 2, { granter: 1, ref: offerGrant(draft, 1, { to: 2 }) });
      makeZombie(draft, 1);
    }),
  }),
  events: [{ type: 'grant.unmap', domid: 2, vcpu: 0, handle: 0, parts: 2, at: 17, slot: 0 }],
  order: 'fair',
});
