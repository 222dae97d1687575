import { DEFAULT_DESIGN, scope } from '../../scope.ts';
import { DEFERRED, FAULTS, HOTPLUGS, twoGuests } from '../../support/scope-hosts.ts';

export default scope({
  id: 'tasklet',
  title: 'A hypercall in a tasklet',
  says: 'dom0 waits for work that another CPU has queued (R45).',
  sources: ['R45', 'Q2', 'F3.12', 'F3.13', 'I3.1'],
  host: twoGuests,
  programs: { d0v0: HOTPLUGS },
  deferred: DEFERRED,
  faults: FAULTS,
  designs: DEFAULT_DESIGN,
  order: 'fair',
});
