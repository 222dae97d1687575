import { check, hostOf as hostOfUpdate } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B19',
  title: 'Scheduled is taken for failed',
  says:
    'The request returns at once, the update comes later (R13). kexec(8) takes the return for a ' +
    'failure and unloads the image; xen#1 then jumps without one.',
  source: 'museum 19: kexec-tools 501646b (scheduled success treated as an error)',
  kills: ['PNR-2'],
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
  actions: {
    check: (u) => {
      const checked = check(u);
      const { hardware, xen } = hostOfUpdate(checked);
      const kexec = { ...xen.system.kexec, default: null };
      return { ...checked, host: { hardware, xen: { ...xen, system: { ...xen.system, kexec } } } };
    },
  },
});
