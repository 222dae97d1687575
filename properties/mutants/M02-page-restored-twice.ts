import { restoreDomain } from '../../src/liveupdate/update.ts';
import { isUpdateEvent } from '../../src/world/world.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';
import { changeFrame } from '../support/tamper.ts';

export default mutant({
  id: 'M02',
  title: 'A preserved page is restored twice',
  says:
    'Two tokens name one page, and each is redeemed: the page that d1 got is given to d2 as well ' +
    'when its turn comes.',
  source: 'MEM-3: Live Update Orchestrator, 2605.3/00209',
  kills: ['MEM-3'],
  start: () => ({ host: hostOf(['pv', 'pv']) }),
  events: [],
  order: 'fair',
  actions: {
    restore: (u, e) => {
      if (!isUpdateEvent(e)) return u;
      const done = restoreDomain(u, e);
      const r = done.restoring;
      if (e.type !== 'restore.1' || e.domid !== 2 || r === null) return done;
      return changeFrame(done, Array.from(r.xen.frames.owner).indexOf(1), { owner: 2 });
    },
  },
});
