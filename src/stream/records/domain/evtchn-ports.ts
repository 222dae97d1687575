import { list, nullable, struct, tagged } from '../../schema/composites.ts';
import { enumeration, u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { byPort, domid, port, vcpuId, virq } from '../fields.ts';

export const EVTCHN_PORTS = defineRecord({
  name: 'EVTCHN_PORTS',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      'Every port that is not free: what it is bound to, the part of Xen that it notifies (if ' +
      'one does), the vCPU that it notifies; and the port to be told of a suspend. Which ' +
      'port a vCPU has for a VIRQ follows from these and is not said again.',
    why: 'Port numbers are the only handle that guests have. Pending and mask bits are theirs.',
    sources: ['F6.1', 'F6.2', 'F6.5', 'F6.16', 'F2.24', 'section 11 rules 12 and 13'],
  },
  schema: struct({
    ports: list(
      struct({
        port,
        binding: tagged('state', {
          unbound: { number: 1, fields: { remoteDomid: domid } },
          interdomain: { number: 2, fields: { remoteDomid: domid, remotePort: port } },
          pirq: { number: 3, fields: { pirq: u32 } },
          virq: { number: 4, fields: { virq } },
          ipi: { number: 5, fields: {} },
        }),
        xenConsumer: nullable(enumeration({ ioreq: 0, vm_event: 1, suspend: 2 })),
        notifyVcpu: vcpuId,
      }),
      { ascending: byPort },
    ),
    suspendPort: nullable(port),
  }),
  needs: ['EVTCHN_ABI'],
  follows: ['EVTCHN_FIFO'],
  orderSources: ['section 11 rule 12'],
});
