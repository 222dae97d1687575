import { rollBack } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B08',
  title: 'A cancel before there is anything to undo',
  says:
    'The way back starts with the memory of the stream. An update that is cancelled while it ' +
    'quiesces has none yet, so the way back ends there, and what is parked stays parked.',
  source: 'museum 8: xen 90bafdba8e (cancel during an asynchronous start)',
  beyond:
    'In xenstored the null pointer ended the daemon. The model has no crash of xen#1 on the way back.',
  kills: ['PNR-1'],
  start: () => ({ host: hostOf(['hvm']) }),
  events: [{ type: 'lu.cancel' }],
  order: 'fair',
  actions: { rollBack: (u) => (u.memory === null ? u : rollBack(u)) },
});
