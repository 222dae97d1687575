import { u32Array } from '../../schema/bulk.ts';
import { list, struct } from '../../schema/composites.ts';
import { u8, u32, upTo } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { domid, grantRef, handle, vcpuId } from '../fields.ts';

export const MAPTRACK = defineRecord({
  name: 'MAPTRACK',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      'The grants that the domain has mapped, by handle: the granter as a domid, the reference, ' +
      'GNTMAP flags 0-4, the vCPU that got the handle; how many handles exist; and the free ' +
      'handles of each vCPU, the next to be used first.',
    why: 'The guest unmaps by handle, so handles keep their numbers.',
    sources: ['F7.4', 'F7.5', 'I7.4', 'R17', 'section 11 rule 8'],
  },
  schema: struct({
    limit: u32,
    entries: list(
      struct({
        handle,
        granter: domid,
        ref: grantRef,
        flags: upTo(u8, 31, 'GNTMAP flags'),
        vcpu: vcpuId,
      }),
      { ascending: { name: 'handle', key: (e) => e.handle } },
    ),
    free: list(u32Array),
  }),
  needs: ['PAGES', 'GRANT_TABLE'],
  orderSources: ['section 11 rule 8'],
});
