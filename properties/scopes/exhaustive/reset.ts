import { DEFAULT_DESIGN, scope } from '../../scope.ts';
import { DEFERRED, FAULTS, RESETS, twoGuests } from '../../support/scope-hosts.ts';

export default scope({
  id: 'reset',
  title: 'A reset of event channels, preempted',
  says: 'EVTCHNOP_reset is half done when the update is asked for (Q4).',
  sources: ['Q4', 'F5.2', 'F5.6', 'I3.2'],
  host: twoGuests,
  programs: { d1v0: RESETS },
  deferred: DEFERRED,
  faults: FAULTS,
  designs: DEFAULT_DESIGN,
  order: 'fair',
});
