import { struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { frameRange } from '../fields.ts';

export const M2P = defineRecord({
  name: 'M2P',
  scope: 'global',
  presence: 'always',
  doc: {
    what: 'The frames that the machine-to-physical table fills. Its entries stay in them.',
    why: 'Privileged guests know these frames and map them, so they cannot move.',
    sources: ['R16', 'R42', 'F8.15'],
  },
  schema: struct({ frames: frameRange }),
});
