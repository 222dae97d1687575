import { list, struct } from '../../schema/composites.ts';
import { u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const PIRQS = defineRecord({
  name: 'PIRQS',
  scope: 'domain',
  presence: 'optional',
  doc: {
    what: "The host's interrupt behind each of the guest's.",
    why: 'A driver keeps using the number that it was given when it mapped the interrupt.',
    sources: ['F10.7', 'R35', 'section 11 rule 13'],
  },
  schema: struct({
    pirqs: list(struct({ pirq: u32, irq: u32 }), {
      ascending: { name: 'pirq', key: (p) => p.pirq },
    }),
  }),
  needs: ['EVTCHN_PORTS', 'PERMISSIONS'],
  orderSources: ['section 11 rule 13'],
});
