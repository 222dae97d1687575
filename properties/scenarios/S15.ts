import { scenario } from '../scenario.ts';
import { hostOf, resetsOf, withPorts } from '../support/scenes.ts';

export default scenario({
  id: 'S15',
  title: 'A continued reset on a Xen without the sub-op',
  says: 'The cursor is carried exactly, but xen#2 is 4.14, which has no EVTCHNOP_reset_cont: the guest gets -ENOSYS half way.',
  sources: ['S15', 'Q4', 'R9', 'F3.8'],
  drop: ['R9.refuse'],
  policy: { Q4: 'exact' },
  violates: 'I3.2',
  start: () => ({ host: hostOf(['pv'], withPorts), to: '4.14' }),
  events: resetsOf(1),
  order: 'fair',
});
