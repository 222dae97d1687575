import { bindPirq } from '../../src/host/build/events.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X19',
  title: 'Interrupts of a device that reach nobody',
  says: 'A guest drives a device. Its interrupt comes to a port through a binding of Xen’s, which is in no record.',
  derived: true,
  sources: ['F10.7', 'R35', 'section 11 rule 13'],
  drop: ['F10.7.pirqs'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindPirq(draft, 1, 16, 16);
    }),
  }),
  events: [],
  order: 'fair',
});
