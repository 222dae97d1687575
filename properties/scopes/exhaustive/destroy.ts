import { DEFAULT_DESIGN, scope } from '../../scope.ts';
import { DEFERRED, DESTROYS, FAULTS, twoGuests } from '../../support/scope-hosts.ts';

export default scope({
  id: 'destroy',
  title: 'A domain that is being destroyed',
  says: 'domain_kill is at any of its phases when the update is asked for (Q3).',
  sources: ['Q3', 'R8', 'F2.7', 'F4.1', 'F4.3'],
  host: twoGuests,
  programs: { d0v1: DESTROYS },
  deferred: DEFERRED,
  faults: FAULTS,
  designs: DEFAULT_DESIGN,
  order: 'fair',
});
