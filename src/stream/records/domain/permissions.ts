import { checked, list, struct } from '../../schema/composites.ts';
import { u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

const rangeset = list(
  checked(
    struct({ first: u64, last: u64 }),
    'a range that does not end before it begins',
    ({ first, last }) => first <= last,
  ),
  { ascending: { name: 'first', key: (r) => r.first } },
);

export const PERMISSIONS = defineRecord({
  name: 'PERMISSIONS',
  scope: 'domain',
  presence: 'always',
  doc: {
    what: 'Interrupts, frames of I/O memory and I/O ports that the domain may use; both ends in.',
    why: 'They are granted by the tool stack once, at creation or when a device comes.',
    sources: ['F2.1', 'F10.7'],
  },
  schema: struct({ irqs: rangeset, iomem: rangeset, ioports: rangeset }),
  needs: ['DOMAIN'],
});
