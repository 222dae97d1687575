import { list, struct } from '../../schema/composites.ts';
import { bool, oneOf, u8, u16 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { mfn, vcpuId } from '../fields.ts';

export const PARTIAL_TABLES = defineRecord({
  name: 'PARTIAL_TABLES',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what: 'Page tables whose validation was interrupted, and which vCPU has one to put.',
    why: 'Only where the design goes on in the middle; otherwise xen#2 begins again.',
    sources: ['F3.5', 'F8.7', 'F8.9', 'Q6'],
  },
  schema: struct({
    tables: list(
      struct({ frame: mfn, level: oneOf(u8, [1, 2, 3, 4]), validated: u16, partialSet: bool }),
    ),
    old: list(struct({ vcpu: vcpuId, frame: mfn, partial: bool })),
  }),
  needs: ['DOMAIN', 'PAGES'],
  orderSources: ['section 11 rule 9'],
});
