import { bindInterdomain } from '../../src/host/build/events.ts';
import { scenario } from '../scenario.ts';
import { hostOf } from '../support/scenes.ts';

export default scenario({
  id: 'X24',
  title: 'Ports numbered anew',
  says: 'A guest has closed its first port. Ports are the only handle that guests have; handed out anew from the lowest, the guest sends on another channel than it means.',
  derived: true,
  sources: ['F6.16', 'F6.15', 'F9.4'],
  drop: ['F6.16.ports', 'R44'],
  violates: 'I6.6',
  start: () => ({
    host: hostOf(['pv'], (draft) => {
      bindInterdomain(draft, 1, 0, { a: { port: 3 } });
    }),
  }),
  events: [],
  order: 'fair',
});
