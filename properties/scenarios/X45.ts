import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X45',
  title: 'Grant frames somewhere else',
  says: 'The guest has its grant table mapped, dom0 too. xen#2 makes another: what is granted from then on, nobody sees.',
  derived: true,
  sources: ['F7.9', 'I7.5', 'R38'],
  drop: ['F7.9.frames'],
  violates: 'I7.5',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
