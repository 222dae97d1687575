import { sendIoreq } from '../../src/host/build/ioreq.ts';
import { pauseByController } from '../../src/host/build/lifecycle.ts';
import { scenario } from '../scenario.ts';
import { emulatedGuest } from '../support/scenes.ts';

export default scenario({
  id: 'X1',
  title: 'A paused guest whose request nobody completes',
  says: 'The tool stack paused an HVM guest while its emulator worked on a request. Completion is a step of the vCPU itself, when it is next scheduled, and it is not: the update waits until somebody unpauses the guest, which may be never.',
  derived: true,
  sources: ['F9.6', 'R12', 'R13', 'F2.19'],
  drop: ['F9.6.starved'],
  violates: 'LIVE-1',
  start: () => ({
    host: emulatedGuest((draft) => {
      sendIoreq(draft, 1, 0, 0, 1);
      pauseByController(draft, 1);
    }),
  }),
  events: [],
  order: 'fair',
});
