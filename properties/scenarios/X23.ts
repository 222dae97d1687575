import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X23',
  title: 'A TSC that jumps',
  says: 'The offset of a guest’s TSC is on the clock of xen#1. Taken for one on another clock, its time jumps.',
  derived: true,
  sources: ['F10.6', 'F10.12', 'F10.13'],
  drop: ['F10.6.tsc'],
  violates: 'VER-1',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
