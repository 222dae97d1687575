import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S19',
  title: 'A log-dirty operation that its caller cannot resume',
  says: 'The preempt state, with its pointer to the calling domain, is lost: the resumed operation is refused with -EBUSY, and the live migration that asked for it fails.',
  sources: ['S19', 'Q5', 'F3.11'],
  policy: { Q5: 'lose' },
  violates: 'I3.2',
  start: () => ({ host: hostOf(['hvm']) }),
  events: [
    {
      type: 'domctl.shadow_op',
      caller: 0,
      vcpu: 0,
      domid: 1,
      op: 'enable_logdirty',
      preempt: false,
    },
    { type: 'domctl.shadow_op', caller: 0, vcpu: 0, domid: 1, op: 'clean', preempt: true },
  ],
  order: 'fair',
});
