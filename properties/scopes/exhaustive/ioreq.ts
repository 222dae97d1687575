import { DEFAULT_DESIGN, scope } from '../../scope.ts';
import { ANSWERS, ASKS, DEFERRED, FAULTS, twoGuests } from '../../support/scope-hosts.ts';

export default scope({
  id: 'ioreq',
  title: 'An I/O request in flight',
  says: 'The guest asks, the emulator answers, and the update has to wait for both (R12, R14).',
  sources: ['R12', 'R14', 'F9.1', 'F9.6', 'I9.1', 'I9.2'],
  host: twoGuests,
  programs: { d1v0: ASKS, emulator: ANSWERS },
  deferred: DEFERRED,
  faults: FAULTS,
  designs: DEFAULT_DESIGN,
  order: 'fair',
});
