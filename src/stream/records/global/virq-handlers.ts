import { list, struct } from '../../schema/composites.ts';
import { defineRecord } from '../definition.ts';
import { domid, virq } from '../fields.ts';

export const VIRQ_HANDLERS = defineRecord({
  name: 'VIRQ_HANDLERS',
  scope: 'global',
  presence: 'optional',
  doc: {
    what: 'The domain registered for each global VIRQ that not the hardware domain handles.',
    why: 'xenstored in a stub domain learns of dead domains by VIRQ_DOM_EXC.',
    sources: ['F6.14', 'R16', 'section 11 rule 19'],
  },
  schema: struct({
    handlers: list(struct({ virq, domid }), { ascending: { name: 'virq', key: (h) => h.virq } }),
  }),
});
