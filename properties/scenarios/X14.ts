import { bindInterdomain } from '../../src/host/build/events.ts';
import { raise, useFifo } from '../../src/host/build/fifo.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X14',
  title: 'An event on a port beyond the array',
  says: 'A port of the FIFO ABI was raised before the guest gave Xen the page for its event word. That it is pending is known to xen#1 alone.',
  derived: true,
  sources: ['F6.2', 'F6.6', 'F6.8'],
  drop: ['F6.6.beyond'],
  violates: 'I6.5',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      useFifo(draft, 1);
      bindInterdomain(draft, 1, 0, { a: { port: 1024 } });
      raise(draft, 1, 1024);
    }),
  }),
  events: [],
  order: 'fair',
});
