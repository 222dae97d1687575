import { list, struct } from '../../schema/composites.ts';
import { u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const HVM_PARAMS = defineRecord({
  name: 'HVM_PARAMS',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what: "As in libxc's stream: the HVM parameters by index.",
    why: 'They name the store and console pages and ports, and how events are delivered.',
    sources: ['F10.3', 'F10.5', 'section 11 rules 13 and 15'],
  },
  schema: struct({
    params: list(struct({ index: u64, value: u64 }), {
      ascending: { name: 'index', key: (p) => p.index },
      reserved: 4,
    }),
  }),
  needs: ['DOMAIN'],
  follows: ['EVTCHN_PORTS'],
  orderSources: ['section 11 rule 13'],
});
