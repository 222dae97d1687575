import { list, struct } from '../../schema/composites.ts';
import { u8 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { byPort, port } from '../fields.ts';

export const EVTCHN_PRIORITIES = defineRecord({
  name: 'EVTCHN_PRIORITIES',
  scope: 'domain',
  presence: 'always',
  doc: {
    what: 'The priority of each port that has another than the default, 7.',
    why: 'Making a port resets its priority, so priorities come after the ports.',
    sources: ['F6.6', 'F6.9', 'section 11 rule 12'],
  },
  schema: struct({ priorities: list(struct({ port, priority: u8 }), { ascending: byPort }) }),
  needs: ['EVTCHN_PORTS'],
  orderSources: ['section 11 rule 12'],
});
