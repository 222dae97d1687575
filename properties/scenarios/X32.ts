import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X32',
  title: 'A segment of the image under the breadcrumb',
  says: 'A module of xen#2 begins on the first page of bootmem. The breadcrumb is the last thing that kexec_reloc writes, over the module.',
  derived: true,
  sources: ['S29', 'F1.2', 'F1.3', 'F1.6'],
  drop: ['F1.3.first-page'],
  violates: 'PNR-2',
  start: () => ({ host: hostOf(['pv']), lowestSegment: 0 }),
  events: [],
  order: 'fair',
});
