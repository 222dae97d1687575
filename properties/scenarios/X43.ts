import { bindUnbound } from '../../src/host/build/events.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X43',
  title: 'Channels that nobody counts',
  says: 'Active and Xen-attached channels are counts of their own. At 0, a reset believes that it is done while ports are open.',
  derived: true,
  sources: ['F6.3', 'I6.2', 'F5.2'],
  drop: ['F6.3.counts'],
  violates: 'I6.2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindUnbound(draft, 1, 0);
    }),
  }),
  events: [],
  order: 'fair',
});
