import { text } from '../../schema/bulk.ts';
import { list, struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { frameRange } from '../fields.ts';

export const DOMXEN_SHARES = defineRecord({
  name: 'DOMXEN_SHARES',
  scope: 'global',
  presence: 'optional',
  doc: {
    what: 'Frames owned by DOMID_XEN that privileged domains may map, besides the M2P.',
    why: 'A domain may have them mapped at this moment; they must not become anything else.',
    sources: ['F2.5', 'F8.12', 'section 11 rule 2'],
  },
  schema: struct({ shares: list(struct({ frames: frameRange, what: text(255) })) }),
});
