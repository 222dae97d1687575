import { struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { frames } from '../fields.ts';

export const TRACE_BUFFERS = defineRecord({
  name: 'TRACE_BUFFERS',
  scope: 'global',
  presence: 'optional',
  doc: {
    what: 'The frames of the trace buffers, in the order of the CPUs.',
    why: 'xentrace in dom0 has them mapped and keeps reading them.',
    sources: ['F2.5', 'F8.12', 'R16'],
  },
  schema: struct({ frames }),
});
