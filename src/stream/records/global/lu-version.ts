import { struct } from '../../schema/composites.ts';
import { u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const LU_VERSION = defineRecord({
  name: 'LU_VERSION',
  scope: 'global',
  presence: 'always',
  doc: {
    what: 'The version of the Xen that wrote the stream. First record of all.',
    why: 'xen#2 may be older or newer and must know whose stream it reads.',
    sources: ['F1.13', 'R9'],
  },
  schema: struct({ xenMajor: u32, xenMinor: u32 }),
});
