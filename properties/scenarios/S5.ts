import { bindVirq } from '../../src/host/build/events.ts';
import { VIRQ } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S5',
  title: 'The tool stack hears that a guest has ended',
  says:
    'A guest stopped by SHUTDOWN_suspend completes its shutdown and raises VIRQ_DOM_EXC, while ' +
    'dom0 still runs: the tool stack may report or destroy the guest during the update.',
  sources: ['S5', "R12'", 'Q1', 'R14', 'F2.24'],
  policy: { Q1: 'suspend' },
  violates: 'I2.3',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindVirq(draft, 0, VIRQ.DOM_EXC);
    }),
  }),
  events: [],
  order: 'fair',
});
