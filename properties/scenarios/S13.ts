import { scenario } from '../scenario.ts';
import { hostOf, resetsOf, withPorts } from '../support/scenes.ts';

export default scenario({
  id: 'S13',
  title: 'A reset of event channels without its cursor',
  says: 'The registers say reset_cont, next_evtchn is lost: the guest gets -EBUSY with its first ports closed and the others open.',
  sources: ['S13', 'Q4', 'F5.6'],
  policy: { Q4: 'registers-only' },
  violates: 'I3.2',
  start: () => ({ host: hostOf(['pv'], withPorts) }),
  events: resetsOf(1),
  order: 'fair',
});
