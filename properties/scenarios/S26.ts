import { domainAt } from '../../src/host/build/draft.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S26',
  title: 'Freed init memory given to a guest',
  says:
    'Memory of the init code of xen#1 was freed to the heap, and a guest got a page of it. ' +
    'xen#2 is placed over bootmem and image as over one space, and with it over that page.',
  sources: ['S26', 'R28', 'R29', 'R41'],
  drop: ['R29', 'R44'],
  violates: 'I8.4',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      domainAt(draft, 1).domain.maxPages = 17;
    }),
  }),
  events: [{ type: 'memory.increase_reservation', domid: 1, vcpu: 0 }],
  order: 'fair',
});
