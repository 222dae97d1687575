import { bindVirq } from '../../src/host/build/events.ts';
import { VIRQ } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X38',
  title: 'A VIRQ that finds no port',
  says: 'Which port a VIRQ of a vCPU goes to is in a table of its own. Left empty, the timer of the guest raises nothing, and a second binding is not refused.',
  derived: true,
  sources: ['F6.3', 'I6.3', 'section 11 rule 13'],
  drop: ['F6.3.virq'],
  violates: 'I6.3',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindVirq(draft, 1, VIRQ.TIMER);
    }),
  }),
  events: [],
  order: 'fair',
});
