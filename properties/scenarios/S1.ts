import { scenario } from '../scenario.ts';
import { emulatedGuest, requestsOf } from '../support/scenes.ts';

export default scenario({
  id: 'S1',
  title: 'A vCPU stopped while its emulator works on a request',
  says:
    'domain_pause() stops an HVM vCPU whose slot is READY. v->io and the server’s pending flag ' +
    'are lost with xen#1: the emulator answers, nobody consumes the answer, and the next access ' +
    'finds the slot in use and goes unhandled.',
  sources: ['S1', 'R12', 'F9.1', 'F9.5'],
  drop: ['R12'],
  violates: 'I9.2',
  start: () => ({ host: emulatedGuest() }),
  events: requestsOf(1),
  order: 'fair',
});
