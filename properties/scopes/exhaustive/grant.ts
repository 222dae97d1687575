import { DEFAULT_DESIGN, scope } from '../../scope.ts';
import { DEFERRED, FAULTS, MAPS, twoGuests } from '../../support/scope-hosts.ts';

export default scope({
  id: 'grant',
  title: 'A grant that is mapped',
  says: 'dom0 maps a page of a guest while both are being stopped.',
  sources: ['F7.5', 'F7.6', 'I7.1', 'I8.2'],
  host: twoGuests,
  programs: { d0v0: MAPS },
  deferred: DEFERRED,
  faults: FAULTS,
  designs: DEFAULT_DESIGN,
  order: 'fair',
});
