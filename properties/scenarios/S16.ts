import { bindInterdomain } from '../../src/host/build/events.ts';
import { scenario } from '../scenario.ts';
import { hostOf, resetsOf, withPorts } from '../support/scenes.ts';

export default scenario({
  id: 'S16',
  title: 'Event channels dropped, their peers restored',
  says:
    'The channels of a domain in reset are not transferred, but its peers come back as ' +
    'INTERDOMAIN. Closing such a peer later hits a BUG_ON, which stops the host.',
  sources: ['S16', 'Q4', 'F5.6', 'F6.12'],
  drop: ['R44'],
  policy: { Q4: 'drop' },
  violates: 'I6.1',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      withPorts(draft);
      bindInterdomain(draft, 1, 0);
    }),
  }),
  events: resetsOf(1),
  order: 'fair',
});
