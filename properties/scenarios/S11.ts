import { domainAt, vcpuAt } from '../../src/host/build/draft.ts';
import { queueTasklet } from '../../src/host/build/lifecycle.ts';
import { domid } from '../../src/host/ids.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S11',
  title: 'The call that triggers the update, saved while it waits',
  says: 'The trigger runs inside continue_hypercall_on_cpu, as the code of 2020 did. dom0 is saved with the pause of its own call, and no tasklet of xen#2 will take it back.',
  sources: ['S11', 'R45', 'F1.10', 'F3.12', 'F3.13'],
  drop: ['F3.12.caller'],
  violates: 'I2.1',
  start: () => ({
    host: hostOf([], (draft) => {
      const vcpu = { domid: domid(0), vcpu: 0 };
      queueTasklet(draft, { work: 'live_update', softirq: false, vcpu });
      vcpuAt(domainAt(draft, 0), 0).pauseCount++;
    }),
  }),
  events: [],
  order: 'fair',
});
