import { DEFAULT_DESIGN, scope } from '../../scope.ts';
import { DEFERRED, FAULTS, MAPS, twoGuests } from '../../support/scope-hosts.ts';

export default scope({
  id: 'any-order',
  title: 'All orders of the passes',
  says: 'Domains are restored and resumed in every order that the passes allow (R40).',
  sources: ['R40', 'R18', 'Q14', 'DEP-2'],
  host: twoGuests,
  programs: { d0v0: MAPS },
  deferred: DEFERRED,
  faults: FAULTS,
  designs: DEFAULT_DESIGN,
  order: 'any',
});
