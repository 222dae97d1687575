import { queueTasklet } from '../../src/host/build/lifecycle.ts';
import { domid } from '../../src/host/ids.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X3',
  title: 'An interrupt on its way to a vCPU',
  says: 'An event was raised for an HVM vCPU, and the tasklet that asserts its interrupt has not run. It ends with xen#1, and the guest is never told of the event.',
  derived: true,
  sources: ['F3.16', 'F9.9', 'R35'],
  drop: ['F3.16.softirq'],
  violates: 'DEFER-1',
  start: () => ({
    host: hostOf(['hvm'], (draft) => {
      const vcpu = { domid: domid(1), vcpu: 0 };
      queueTasklet(draft, { work: 'assert_evtchn_irq', softirq: true, vcpu });
    }),
  }),
  events: [],
  order: 'fair',
});
