import { SHUTDOWN } from '../../src/host/constants.ts';
import { scenario } from '../scenario.ts';
import { emulatedGuest, requestsOf } from '../support/scenes.ts';

export default scenario({
  id: 'S3',
  title: 'A stored crash code overrides the suspend of the update',
  says:
    'A guest stored the code for a crash in advance. The shutdown of the update takes that code ' +
    'instead of its own, and a crash waits for no emulation: the vCPU stops with a request in flight.',
  sources: ['S3', "R12'", 'Q1', 'F2.23', 'F2.27'],
  policy: { Q1: 'suspend' },
  violates: 'I2.2',
  start: () => ({ host: emulatedGuest() }),
  events: [
    { type: 'sched.shutdown_code', domid: 1, vcpu: 0, reason: SHUTDOWN.crash },
    ...requestsOf(1),
  ],
  order: 'fair',
});
