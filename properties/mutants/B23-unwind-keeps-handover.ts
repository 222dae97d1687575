import { rollBack } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B23',
  title: 'The unwinding leaves the hand-over active',
  says:
    'An update that is cancelled behind the seal resumes the domains, but keeps the stream and ' +
    'its pages, as if the jump could still come.',
  source: 'museum 23: fix series for the Live Update Orchestrator, March 2026 (kexec unwind)',
  kills: ['PNR-1'],
  start: () => ({ host: hostOf(['pv']) }),
  events: [{ type: 'lu.cancel' }],
  order: 'fair',
  actions: {
    rollBack: (u) => {
      const back = rollBack({ ...u, memory: null });
      return { ...back, memory: u.memory, stream: u.stream };
    },
  },
});
