import { struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { port } from '../fields.ts';

export const EVTCHN_RESET = defineRecord({
  name: 'EVTCHN_RESET',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what: 'The port at which an interrupted EVTCHNOP_reset goes on.',
    why: 'Only where the design carries the cursor: the caller resumes with reset_cont.',
    sources: ['F5.2', 'F5.3', 'F5.6', 'Q4'],
  },
  schema: struct({ nextEvtchn: port }),
  needs: ['EVTCHN_PORTS'],
  orderSources: ['section 11 rule 12'],
});
