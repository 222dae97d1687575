import { sendIoreq } from '../../src/host/build/ioreq.ts';
import { IOREQ } from '../../src/host/constants.ts';
import { look } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { emulatedGuest, requestsOf } from '../support/scenes.ts';

export default mutant({
  id: 'B09',
  title: 'A forced update breaks what was under way',
  says:
    'Force means that nothing is waited for, whoever is about to finish: a request that its ' +
    'emulator has taken is cut off, and its guest never gets the answer.',
  source: 'museum 9: xen c8be420025 (forced update and transactions of guests)',
  kills: ['I2.2', 'I9.1', 'I9.2'],
  start: () => ({ host: emulatedGuest((draft) => sendIoreq(draft, 1, 0, 0, IOREQ.INPROCESS)) }),
  events: [...requestsOf(1).slice(2), { type: 'lu.park', domid: 1 }],
  order: 'fair',
  actions: { look: (u) => ({ ...look(u), obstacles: [] }) },
  guards: { mayPark: (u, e) => e.type === 'lu.park' && u.host?.xen.domains[e.domid] !== undefined },
});
