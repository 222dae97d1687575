import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S25',
  title: 'A grant frame in the memory that xen#2 boots in',
  says:
    'While xen#1 runs, a page that Xen shares with a guest is allocated in live-update bootmem. ' +
    'xen#2 boots there and overwrites it.',
  sources: ['S25', 'R27', 'F1.4', 'F7.9'],
  drop: ['R27', 'R44'],
  violates: 'I8.4',
  start: () => ({ host: hostOf(['pv']) }),
  events: [{ type: 'grant.setup_table', domid: 1, vcpu: 0, frames: 2 }],
  order: 'fair',
});
