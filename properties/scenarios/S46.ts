import { bindInterdomain } from '../../src/host/build/events.ts';
import { useFifo } from '../../src/host/build/fifo.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S46',
  title: 'Ports restored before the ABI',
  says: 'Ports come back under the 2-level ABI, and EVTCHNOP_init_control follows: it sets every priority back to the default.',
  sources: ['S46', 'R36', 'F6.8', 'section 11 rule 12'],
  drop: ['R36.1'],
  violates: 'I6.6',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      useFifo(draft, 1);
      bindInterdomain(draft, 1, 0, { a: { priority: 2 } });
    }),
  }),
  events: [],
  order: 'fair',
});
