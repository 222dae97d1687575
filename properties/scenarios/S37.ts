import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S37',
  title: 'An L4 that still leads into xen#1',
  says: 'The type of each L4 is set without promoting the table. Its slots of the hypervisor still point to page tables of xen#1, and the first return to the guest loads them.',
  sources: ['S37', 'F8.16', 'section 11 rule 9'],
  drop: ['F8.16.l4'],
  violates: 'I8.4',
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
});
