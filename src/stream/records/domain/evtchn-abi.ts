import { struct } from '../../schema/composites.ts';
import { enumeration, u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const EVTCHN_ABI = defineRecord({
  name: 'EVTCHN_ABI',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      'Which event-channel ABI the domain uses, the highest port that it may have, and how ' +
      'many ports exist (fewer once a teardown has closed some).',
    why: 'Switching to FIFO resets priorities and pending bits, so it comes before the ports.',
    sources: ['R36', 'F2.8', 'F6.3', 'F6.4', 'F6.8', 'section 11 rule 12'],
  },
  schema: struct({ abi: enumeration({ '2l': 0, fifo: 1 }), maxPort: u32, validPorts: u32 }),
  needs: ['DOMAIN'],
  orderSources: ['section 11 rule 12'],
});
