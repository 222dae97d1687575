import { list, struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { byVcpu, frames, placement, vcpuId } from '../fields.ts';

export const EVTCHN_FIFO = defineRecord({
  name: 'EVTCHN_FIFO',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what: 'FIFO ABI: where the control block of each vCPU is, and the pages of the event array.',
    why: 'They are guest memory, but only Xen remembers which pages they are.',
    sources: ['F6.6', 'F6.8', 'section 11 rules 10 and 12'],
  },
  schema: struct({
    controls: list(struct({ vcpu: vcpuId, control: placement }), { ascending: byVcpu }),
    array: frames,
  }),
  needs: ['EVTCHN_ABI', 'PAGES'],
  orderSources: ['section 11 rules 10 and 12'],
});
