import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S28',
  title: 'The stream inside the memory that xen#2 boots in',
  says: 'Stream pages lie in bootmem. The boot allocator of xen#2 overwrites them before they are parsed.',
  sources: ['S28', 'R30', 'R26'],
  drop: ['R30'],
  violates: 'PNR-2',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
