import { addIoreqServer } from '../../src/host/build/ioreq.ts';
import { scenario } from '../scenario.ts';
import { hostOf, requestsOf } from '../support/scenes.ts';

export default scenario({
  id: 'S7',
  title: 'Two HVM domains that emulate for each other',
  says:
    'A device model runs in an HVM domain whose own disk is emulated by the domain that it ' +
    'serves. Neither may stop before the other has, so neither ever does.',
  sources: ['S7', 'A1', 'Q13', 'F9.7'],
  drop: ['A1'],
  violates: 'LIVE-1',
  start: () => ({
    host: hostOf(['hvm', 'hvm'], (draft) => {
      addIoreqServer(draft, 1, { emulator: 2 });
      addIoreqServer(draft, 2, { emulator: 1 });
    }),
  }),
  events: requestsOf(1),
  order: 'fair',
});
