import { text } from '../../schema/bulk.ts';
import { nullable, struct } from '../../schema/composites.ts';
import { bool, enumeration, oneOf, u8, u32, u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { domid } from '../fields.ts';

export const DOMAIN = defineRecord({
  name: 'DOMAIN',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      "Opens a domain's block: its id, what domain_create() is told, its privileges, " +
      'its limit of pages (in pages of 4 KiB) and its weight with the scheduler.',
    why: 'Nothing else of a domain can be put anywhere before the domain exists.',
    sources: ['F2.1', 'F2.3', 'R17', 'R37', 'section 11 rules 4 and 6'],
  },
  schema: struct({
    domid,
    type: enumeration({ pv: 0, pvh: 1, hvm: 2 }),
    name: nullable(text(1024)),
    config: struct({
      maxVcpus: u32,
      width: oneOf(u8, [32, 64]),
      maxGrantVersion: u8,
      iommu: bool,
      hap: bool,
      vmAssist: u32,
      handle: text(255),
    }),
    isHardware: bool,
    isPrivileged: bool,
    target: nullable(domid),
    maxPages: u64,
    weight: u32,
  }),
});
