import { addIoreqServer, bufferIoreqs } from '../../src/host/build/ioreq.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X36',
  title: 'Buffered requests that are forgotten',
  says: 'A guest has put requests into the buffered ring and goes on without an answer. A Xen that begins the ring anew drops them.',
  derived: true,
  sources: ['F9.8', 'F9.2', 'I9.1'],
  drop: ['F9.8.ring'],
  violates: 'I9.1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      bufferIoreqs(draft, 1, addIoreqServer(draft, 1, { emulator: 0 }), 2);
    }),
  }),
  events: [],
  order: 'fair',
});
