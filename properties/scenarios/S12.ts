import { queueTasklet } from '../../src/host/build/lifecycle.ts';
import { domid } from '../../src/host/ids.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S12',
  title: 'A microcode update in a tasklet, lost with xen#1',
  says: 'dom0 waits, paused, for work that another CPU has queued. With xen#1 the work is gone, and nobody takes the pause back.',
  sources: ['S12', 'R45', 'F3.13', 'F3.14'],
  drop: ['R45'],
  violates: 'I3.1',
  start: () => ({
    host: hostOf([], (draft) => {
      const vcpu = { domid: domid(0), vcpu: 0 };
      queueTasklet(draft, { work: 'continue_hypercall', softirq: false, vcpu, scheduledOn: 1 });
    }),
  }),
  events: [],
  order: 'fair',
});
