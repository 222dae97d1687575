import { bindInterdomain } from '../../src/host/build/events.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'S67',
  title: 'A domain that runs before the others are there',
  says: 'Each domain is unpaused as soon as it is restored itself. It sends events to ports and maps grants of domains that do not have them yet.',
  sources: ['S67', 'R3', 'R4', 'I6.1'],
  drop: ['R3'],
  violates: 'RUN-1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindInterdomain(draft, 1, 0);
    }),
  }),
  events: [0, 1].map((domid) => ({ type: 'lu.resume', domid }) as const),
  order: 'fair',
});
