import { struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { frames, mfn } from '../fields.ts';

export const IOMMU = defineRecord({
  name: 'IOMMU',
  scope: 'global',
  presence: 'optional',
  doc: {
    what: 'The root table that the IOMMUs walk and every frame of their own tables.',
    why: 'Devices go on with their DMA during the update; the tables must stay and be kept.',
    sources: ['R33', 'R34', 'F8.19'],
  },
  schema: struct({ root: mfn, tables: frames }),
});
