import { list, struct } from '../../schema/composites.ts';
import { bool, enumeration, u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { mfn } from '../fields.ts';

export const XENHEAP = defineRecord({
  name: 'XENHEAP',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      "Xen's pages that are shared with the domain, by frame, each with its role; `index` " +
      'is the place among the grant or status frames, 0 for the others.',
    why:
      'Guests and tools know these frames by number and map them: shared_info, grant and ' +
      'status frames must keep theirs.',
    sources: ['R27', 'F7.9', 'F8.12', 'F8.13', 'I7.5'],
  },
  schema: struct({
    pages: list(
      struct({
        frame: mfn,
        role: enumeration({ shared_info: 0, grant: 1, status: 2, other: 3 }),
        index: u32,
        /** Shared read-write; false: read-only. */
        writable: bool,
        /** Given up by its dying owner, as in PAGES. */
        released: bool,
      }),
      { ascending: { name: 'frame', key: (p) => p.frame } },
    ),
  }),
  needs: ['DOMAIN'],
  orderSources: ['section 11 rule 8'],
});
