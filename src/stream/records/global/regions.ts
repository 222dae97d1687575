import { struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { frameRanges } from '../fields.ts';

export const REGIONS = defineRecord({
  name: 'REGIONS',
  scope: 'global',
  presence: 'always',
  doc: {
    what:
      'Memory that xen#2 may use while it boots, besides bootmem: what xen#1 had for itself, ' +
      "its frame table above all. The stream's own pages are not said: the MFN array names them.",
    why: 'Without it, bootmem would have to hold the frame table of the whole machine.',
    sources: ['R25', 'R26'],
  },
  schema: struct({ reusable: frameRanges }),
});
