import { mapGrant, offerGrant } from '../../src/host/build/grants.ts';
import { makeZombie } from '../../src/host/build/zombie.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S30',
  title: 'A dying domain left out of the stream',
  says: 'The tool stack has destroyed a guest whose grant is still mapped by dom0. The guest is not saved, its page is free for xen#2 to give away while dom0 reads and writes it.',
  sources: ['S30', 'R8', 'R22', 'F7.6'],
  drop: ['R8', 'R44'],
  violates: 'I8.4',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      mapGrant(draft, 0, { granter: 1, ref: offerGrant(draft, 1, { to: 0 }) });
      makeZombie(draft, 1);
    }),
  }),
  events: [],
  order: 'fair',
});
