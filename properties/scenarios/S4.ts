import { SHUTDOWN } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S4',
  title: 'A guest that had shut down runs again',
  says: 'A guest has powered off and waits for the tool stack with its code. A resume in the manner of domain_resume clears state and code and unpauses its vCPUs.',
  sources: ['S4', 'F2.26', 'R3'],
  drop: ['F2.26.code'],
  violates: 'I2.3',
  start: () => ({ host: hostOf(['pv']) }),
  events: [{ type: 'sched.shutdown', domid: 1, vcpu: 0, reason: SHUTDOWN.poweroff }],
  order: 'fair',
});
