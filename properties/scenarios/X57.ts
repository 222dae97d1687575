import { refuseMove, startDying } from '../../src/host/build/lifecycle.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X57',
  derived: true,
  title: 'A dead guest that cpupool0 does not take',
  says: 'domain_kill has taken everything away, and the move to cpupool0 fails again and again: -ERESTART for ever. An update that waits for the end of the teardown waits as long; xen#2, which has one pool, would be through at once.',
  sources: ['F4.4', 'F2.7', 'Q3', 'R13'],
  drop: ['F4.4.cpupool'],
  violates: 'LIVE-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      startDying(draft, 1);
      refuseMove(draft, 1);
    }),
  }),
  events: [],
  order: 'fair',
});
