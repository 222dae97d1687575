import { scenario } from '../scenario.ts';
import { emulatedGuest, requestsOf } from '../support/scenes.ts';

export default scenario({
  id: 'S6',
  title: 'dom0 stopped before the guest that it emulates for',
  says:
    'dom0 is parked first. A request of the HVM guest is never answered, so the guest never ' +
    'comes to its boundary, and quiescing has no end.',
  sources: ['S6', 'R14', 'F9.7'],
  drop: ['R14'],
  violates: 'LIVE-1',
  start: () => ({ host: emulatedGuest() }),
  events: requestsOf(1),
  order: 'fair',
});
