import { DEFAULT_DESIGN, scope } from '../../scope.ts';
import {
  ANSWERS,
  ASKS,
  DEFERRED,
  DESTROYS,
  FAULTS,
  HOTPLUGS,
  MAPS,
  NOTIFIES,
  RESETS,
  twoGuests,
} from '../../support/scope-hosts.ts';

export default scope({
  id: 'two-guests',
  title: 'Two guests and dom0, one of everything',
  says:
    'An ioreq, a hypercall in a tasklet, a destroydomain, a reset of event channels, a grant ' +
    'and an inter-domain channel, all at once, and one fault at any moment.',
  sources: ['R2', 'R12', 'R45', 'Q2', 'Q3', 'Q4', 'F9.1', 'F4.1', 'F5.2', 'F7.5', 'F6.12', 'PNR-1'],
  host: twoGuests,
  programs: {
    d1v0: [...ASKS, ...NOTIFIES, ...RESETS],
    emulator: ANSWERS,
    d0v0: [...MAPS, ...HOTPLUGS],
    d0v1: DESTROYS,
  },
  deferred: DEFERRED,
  faults: FAULTS,
  designs: DEFAULT_DESIGN,
  order: 'fair',
});
