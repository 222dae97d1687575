import { columns } from '../../schema/bulk.ts';
import { list, struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { byVcpu, port, vcpuId } from '../fields.ts';

export const EVTCHN_QUEUES = defineRecord({
  name: 'EVTCHN_QUEUES',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what:
      "Xen's side of the FIFO queues: the tail of each queue of each vCPU with a control block " +
      '(priority 0 first), the queue that each port was last on (ports not named: priority 0 ' +
      'of vCPU 0), and the ports raised before their event word existed.',
    why:
      'With a tail lost the next event overwrites the head of its queue, and events queued ' +
      'before are never seen.',
    sources: ['F6.2', 'F6.6', 'F6.7', 'S47', 'section 11 rule 12'],
  },
  schema: struct({
    tails: list(struct({ vcpu: vcpuId, tails: list(port) }), { ascending: byVcpu }),
    last: columns({ port: 'u32', vcpu: 'u16', priority: 'u8' }),
    pendingBeyondArray: list(port),
  }),
  needs: ['EVTCHN_PORTS', 'EVTCHN_PRIORITIES'],
  follows: ['EVTCHN_FIFO'],
  orderSources: ['section 11 rule 12'],
});
