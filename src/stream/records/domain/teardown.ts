import { struct } from '../../schema/composites.ts';
import { u8 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const TEARDOWN = defineRecord({
  name: 'TEARDOWN',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what: "How far domain_relinquish_resources() had come, as a number of xen#1's.",
    why: 'Only where the design goes on in the middle: the numbers differ between versions.',
    sources: ['F2.8', 'F2.10', 'Q3', 'S33'],
  },
  schema: struct({ relinquish: u8 }),
  needs: ['DOMAIN'],
});
