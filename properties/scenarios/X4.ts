import { scenario } from '../scenario.ts';
import { emulatedGuest, requestsOf } from '../support/scenes.ts';

export default scenario({
  id: 'X4',
  title: 'A request that waits inside its own hypercall',
  says: 'The hypercall that asks for the update returns when the update is over. dom0 has one vCPU, it is in that call, and the emulator that another guest waits for runs in dom0.',
  derived: true,
  sources: ['R13', 'R14', 'F1.12', 'F9.7'],
  drop: ['R13'],
  violates: 'LIVE-1',
  start: () => ({ host: emulatedGuest() }),
  events: requestsOf(1),
  order: 'fair',
});
