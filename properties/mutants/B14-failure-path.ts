import { rollBack } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B14',
  title: 'The way back from a failure forgets the last step',
  says:
    'The path that nobody tests: when the update fails behind the seal the records are dropped ' +
    'before the memory of the stream is given back, and then nobody knows where it is.',
  source: 'museum 14: xen 29fae90baa (null pointer on the failure path)',
  beyond: 'In xenstored the null pointer ended the daemon; here what it led to is lost.',
  kills: ['PNR-1'],
  start: () => ({ host: hostOf(['pv']) }),
  events: [{ type: 'lu.fail', what: 'kexec_exec: -EIO' }],
  order: 'fair',
  actions: { rollBack: (u) => rollBack({ ...u, memory: null }) },
});
