import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X5',
  title: 'No memory for a frame table',
  says: 'Bootmem has room to boot in, but not for the frame table of a large machine. xen#1 has one that will not be needed, and does not say so.',
  derived: true,
  sources: ['R25', 'R26', 'F1.5'],
  drop: ['R25'],
  violates: 'PNR-2',
  start: () => ({ host: hostOf([], () => undefined, { ramFrames: 64 * 1024 }) }),
  events: [],
  order: 'fair',
});
