import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X7',
  title: 'An image that is not on 2 MiB',
  says: 'xen#2 is put as high as it fits. What is left below is no multiple of 2 MiB, so the option that names it is one that xen#2 does not accept.',
  derived: true,
  sources: ['R41', 'F1.7', 'F1.6'],
  drop: ['R41'],
  violates: 'PNR-2',
  start: () => ({ host: hostOf(['pv']), image: { imageFrames: 300 } }),
  events: [],
  order: 'fair',
});
