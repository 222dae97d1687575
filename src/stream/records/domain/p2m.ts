import { struct } from '../../schema/composites.ts';
import { bool } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { frames, mfn } from '../fields.ts';

export const P2M = defineRecord({
  name: 'P2M',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what:
      'Of a translated domain: the root of the P2M, the frames that hold its tables, ' +
      'whether the IOMMU walks them too and whether writes are logged.',
    why: 'The IOMMU may walk these very tables, so they stay where and as they are.',
    sources: ['R37', 'R43', 'F8.18', 'F8.19', 'F8.22', 'F8.23'],
  },
  schema: struct({ root: mfn, tables: frames, sharedWithIommu: bool, logDirty: bool }),
  needs: ['DOMAIN'],
  orderSources: ['section 11 rule 5'],
});
