import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X8',
  title: 'Free pages handed out as they are',
  says: 'xen#2 opens its heap over all memory that nobody owns and takes it for clean. Stream and frame table of xen#1, and what dead guests left, go to whoever asks next.',
  derived: true,
  sources: ['F8.14', 'R6'],
  drop: ['F8.14.scrub'],
  violates: 'SCRUB-1',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
