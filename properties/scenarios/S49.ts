import { bindInterdomain } from '../../src/host/build/events.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S49',
  title: 'Looking for a peer that is not there yet',
  says: 'Domains are restored side by side, and each end of an inter-domain channel is compared with its peer at once: the first of the two finds nothing.',
  sources: ['S49', 'R40', 'Q14', 'F6.12', 'section 11 rule 16'],
  drop: ['F6.12.peers'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindInterdomain(draft, 1, 0);
    }),
  }),
  events: [],
  order: 'fair',
});
