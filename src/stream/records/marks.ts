/** Records without a body that end something. */
import { struct } from '../schema/composites.ts';
import { defineRecord } from './definition.ts';

export const END = defineRecord({
  name: 'END',
  scope: 'mark',
  presence: 'always',
  doc: {
    what: 'Ends the stream. What lies behind it is not looked at.',
    why: 'A stream that was cut short must not look like a whole one.',
    sources: ['F1.13', 'F1.14', 'F10.5'],
  },
  schema: struct({}),
});

export const END_OF_DOMAIN = defineRecord({
  name: 'END_OF_DOMAIN',
  scope: 'mark',
  presence: 'always',
  doc: {
    what: "Ends a domain's block.",
    why: 'A block that lacks its last records must not look like a whole one.',
    sources: ['R17', 'F1.14'],
  },
  schema: struct({}),
});
