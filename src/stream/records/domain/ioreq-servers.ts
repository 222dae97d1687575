import { list, nullable, struct } from '../../schema/composites.ts';
import { bool, u8, u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { byVcpu, domid, mfn, port, vcpuId } from '../fields.ts';

export const IOREQ_SERVERS = defineRecord({
  name: 'IOREQ_SERVERS',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what:
      'The IOREQ servers by id: the emulator as a domid, the shared pages, the port of each ' +
      'vCPU, what they claim (type, first, last); and the server, if any, that takes P2M ' +
      'entries of type ioreq_server. Requests in flight are in none: the save waits for them.',
    why: 'The device model keeps its pages and ports; creating the server anew would change them.',
    sources: ['R17', 'F9.3', 'F9.4', 'F8.20', 'section 11 rules 13 and 14'],
  },
  schema: struct({
    servers: list(
      struct({
        id: u8,
        emulator: domid,
        ioreqPage: nullable(mfn),
        bufioreqPage: nullable(mfn),
        bufioreqPort: nullable(port),
        vcpus: list(struct({ vcpu: vcpuId, port }), { ascending: byVcpu }),
        enabled: bool,
        ranges: list(struct({ type: u8, first: u64, last: u64 })),
      }),
      { ascending: { name: 'id', key: (s) => s.id } },
    ),
    p2mServer: nullable(u8),
  }),
  needs: ['EVTCHN_PORTS'],
  follows: ['P2M'],
  orderSources: ['section 11 rules 13 and 14'],
});
