import { nullable, struct } from '../../schema/composites.ts';
import { bool, enumeration, u16, u32 } from '../../schema/scalars.ts';
import { defineRecord } from '../definition.ts';

export const DOMAIN_STATE = defineRecord({
  name: 'DOMAIN_STATE',
  scope: 'domain',
  presence: 'always',
  doc: {
    what:
      'Where the domain is in its life: dying or not, its shutdown state and code (none: ' +
      "never given), the tool stack's pauses, vm_event's pauses, whether it has ever run.",
    why:
      'A domain that had shut down stays so, and one that was paused stays paused. It comes ' +
      'last, since a dying domain can be given no pages, grant frames or ports any more.',
    sources: ['F2.2', 'F2.6', 'F2.12', 'F2.19', 'F2.22', 'I2.1', 'I2.3', 'section 11 rule 11'],
  },
  schema: struct({
    dying: enumeration({ alive: 0, dying: 1, dead: 2 }),
    shutdown: enumeration({ none: 0, in_progress: 1, complete: 2 }),
    shutdownCode: nullable(u32),
    controllerPauseCount: u16,
    vmEventPauses: u16,
    creationFinished: bool,
  }),
  needs: ['PAGES', 'XENHEAP', 'GRANT_TABLE', 'EVTCHN_PORTS'],
  orderSources: ['section 11 rule 11'],
});
