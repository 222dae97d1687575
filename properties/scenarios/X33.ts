import { pauseByController } from '../../src/host/build/lifecycle.ts';
import { scenario } from '../scenario.ts';
import { hostOf, withPorts } from '../support/scenes.ts';

export default scenario({
  id: 'X33',
  title: 'dom0 resets the channels of another domain',
  says: 'The cursor of the reset is in the domain that is reset, the call that goes on with it in a vCPU of dom0: two records, of two domains. With the registers alone dom0 gets -EBUSY, and the guest is left with half its ports.',
  derived: true,
  sources: ['F5.8', 'F5.6', 'Q4'],
  policy: { Q4: 'registers-only' },
  violates: 'I3.2',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      withPorts(draft);
      pauseByController(draft, 1);
    }),
  }),
  events: [{ type: 'evtchn.reset', domid: 0, vcpu: 0, target: 1, ports: 1 }],
  order: 'fair',
});
