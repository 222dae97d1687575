import { setTarget } from '../../src/host/build/lifecycle.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X12',
  title: 'References of a device model to its target',
  says: 'A stub domain has a guest as its target, and with that a reference to it. xen#2 sets the target and forgets the reference: the guest could be freed while the stub domain still names it.',
  derived: true,
  sources: ['F2.14', 'section 11 rule 19', 'F2.15'],
  drop: ['F2.14.refs'],
  violates: 'PNR-2',
  start: () => ({
    host: hostOf(['hvm', 'pv'], (draft) => {
      setTarget(draft, 2, 1);
    }),
  }),
  events: [],
  order: 'fair',
});
