import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S53',
  title: 'Handles numbered anew',
  says: 'Maptrack handles look internal but are what guests unmap by. Without gaps they are other numbers, and dom0 unmaps what it still uses.',
  sources: ['S53', 'F7.4'],
  drop: ['F7.4.handles'],
  violates: 'I7.4',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      for (let i = 0; i < 2; i++)
        mapGrant(draft, 0, {
          granter: 1,
          ref: offerGrant(draft, 1, { to: 0 }),
          host: false,
          device: true,
        });
    }),
  }),
  events: [{ type: 'grant.unmap', domid: 0, vcpu: 0, handle: 0, parts: 1, at: 0, slot: 0 }],
  order: 'fair',
});
