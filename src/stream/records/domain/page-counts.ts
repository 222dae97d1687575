import { columns } from '../../schema/bulk.ts';
import { struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';

export const PAGE_COUNTS = defineRecord({
  name: 'PAGE_COUNTS',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what:
      "xen#1's page counts as they are, by runs of equal ones: general count, type count, " +
      'page type (values of F8.3).',
    why:
      'Only a design that copies reference counts writes it. It is here so that the harm ' +
      'of copying can be shown; a design that keeps R20 neither writes nor reads it.',
    sources: ['R20', 'F8.8', 'S20', 'S21'],
  },
  schema: struct({
    runs: columns({ start: 'u32', count: 'u32', general: 'u32', typeCount: 'u32', type: 'u8' }),
  }),
  needs: ['PAGES'],
  orderSources: ['section 11 rule 4'],
});
