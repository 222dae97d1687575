import { bindInterdomain } from '../../src/host/build/events.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S48',
  title: 'Ports bound again instead of made again',
  says: 'evtchn_bind_interdomain always raises the local port: a guest gets an event that nobody sent.',
  sources: ['S48', 'F6.10', 'F6.11'],
  drop: ['F6.10.recreate'],
  violates: 'I6.5',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindInterdomain(draft, 1, 0);
    }),
  }),
  events: [],
  order: 'fair',
});
