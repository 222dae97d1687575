import { bindInterdomain } from '../../src/host/build/events.ts';
import { mask } from '../../src/host/build/fifo.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X16',
  title: 'A vCPU that polls and is never woken',
  says: 'A vCPU blocks in SCHEDOP_poll on a masked port. Xen wakes it by its poll mask; a Xen without that mask leaves it blocked for ever.',
  derived: true,
  sources: ['F6.3', 'F10.7'],
  drop: ['F6.3.poll'],
  violates: 'VER-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      const { a } = bindInterdomain(draft, 1, 0);
      mask(draft, 1, a);
    }),
  }),
  events: [{ type: 'sched.poll', domid: 1, vcpu: 0, ports: [1] }],
  order: 'fair',
});
