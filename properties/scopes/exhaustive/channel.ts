import { DEFAULT_DESIGN, scope } from '../../scope.ts';
import { DEFERRED, FAULTS, NOTIFIES, twoGuests } from '../../support/scope-hosts.ts';

export default scope({
  id: 'channel',
  title: 'An event between two guests',
  says: 'One guest notifies the other while both are being stopped (R4).',
  sources: ['R4', 'F6.12', 'F6.13', 'I6.1', 'I6.5'],
  host: twoGuests,
  programs: { d1v0: NOTIFIES },
  deferred: DEFERRED,
  faults: FAULTS,
  designs: DEFAULT_DESIGN,
  order: 'fair',
});
