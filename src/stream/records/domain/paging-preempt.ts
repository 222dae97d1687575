import { struct } from '../../schema/composites.ts';
import { enumeration, u64 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';
import { domid } from '../fields.ts';

export const PAGING_PREEMPT = defineRecord({
  name: 'PAGING_PREEMPT',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what: 'A paging_domctl that was interrupted: who asked, which one, pages done.',
    why: 'The caller resumes it; a Xen that does not know of it answers -EBUSY.',
    sources: ['F3.11', 'Q5', 'S19'],
  },
  schema: struct({
    caller: domid,
    op: enumeration({ peek: 0, clean: 1, off: 2, set_allocation: 3 }),
    done: u64,
  }),
  needs: ['DOMAIN'],
  follows: ['P2M'],
  orderSources: ['section 11 rule 5'],
});
