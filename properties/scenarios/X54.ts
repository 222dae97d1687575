import { bindInterdomain } from '../../src/host/build/events.ts';
import { useFifo } from '../../src/host/build/fifo.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X54',
  title: 'Priorities that are the default again',
  says: 'A guest has given a port of the FIFO ABI a priority. Ports are made with the default, and nothing follows.',
  derived: true,
  sources: ['F6.9', 'section 11 rule 12'],
  drop: ['F6.9.priority'],
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
