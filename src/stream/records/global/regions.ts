import { struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { frameRanges } from '../fields.ts';

export const REGIONS = defineRecord({
  name: 'REGIONS',
  scope: 'global',
  presence: 'always',
  doc: {
    what:
      'Memory that xen#2 may use while it boots, besides bootmem, and memory of ' +
      'no domain that it must not touch: the pages of the stream and their MFN array.',
    why:
      'Without the first, bootmem has to hold the frame table of the whole machine; ' +
      'without the second, the stream could be overwritten while it is read.',
    sources: ['R25', 'R26', 'R30'],
  },
  schema: struct({ reusable: frameRanges, preserved: frameRanges }),
});
