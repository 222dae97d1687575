import { bindInterdomain } from '../../src/host/build/events.ts';
import { raise, useFifo } from '../../src/host/build/fifo.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S47',
  title: 'A queue without its tail',
  says: 'Two events wait on a FIFO queue. Its tail is private to xen#1 and not carried: xen#2 takes the queue for empty, and the next event overwrites the head.',
  sources: ['S47', 'F6.6', 'F6.7'],
  drop: ['F6.6.tails'],
  violates: 'I6.5',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      useFifo(draft, 1);
      for (let i = 0; i < 2; i++) raise(draft, 1, bindInterdomain(draft, 1, 0).a);
    }),
  }),
  events: [],
  order: 'fair',
});
