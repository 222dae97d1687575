import { list, nullable, struct } from '../../schema/composites.ts';
import { oneOf, u8, u16, u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { domid, grantRef, mfn } from '../fields.ts';

export const GRANT_TABLE = defineRecord({
  name: 'GRANT_TABLE',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      'Version and limits of the grant table, and every active entry: who maps it, the frame ' +
      'of the first pin, the bytes of a sub-page grant (0 and 4096 for a whole page), the ' +
      'source of a transitive one. Pin counts are not said: the maptracks of all domains ' +
      'imply them. The frames of the table are in XENHEAP.',
    why: 'The frame was taken at the first pin; the shared entry may say something else by now.',
    sources: ['F7.1', 'F7.3', 'F7.7', 'I7.1', 'I7.5', 'section 11 rule 8'],
  },
  schema: struct({
    version: oneOf(u8, [1, 2]),
    maxFrames: u32,
    maxMaptrackFrames: u32,
    active: list(
      struct({
        ref: grantRef,
        domid,
        frame: mfn,
        start: u16,
        length: u16,
        transitive: nullable(struct({ domid, ref: grantRef })),
      }),
      { ascending: { name: 'ref', key: (a) => a.ref } },
    ),
  }),
  needs: ['PAGES', 'XENHEAP'],
  orderSources: ['section 11 rule 8'],
});
