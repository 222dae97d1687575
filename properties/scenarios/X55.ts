import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X55',
  title: 'Pages of guests in the heap of xen#2',
  says: 'The heap opens before anything is reserved. xen#2 takes a page of a guest for itself.',
  derived: true,
  sources: ['R22', 'R55', 'F1.5'],
  drop: ['R22', 'R44'],
  violates: 'I8.4',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
