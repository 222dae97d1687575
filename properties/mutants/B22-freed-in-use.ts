import { restoreDomain } from '../../src/liveupdate/update.ts';
import { isUpdateEvent } from '../../src/world/world.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

export default mutant({
  id: 'B22',
  title: 'What comes in is freed while it is in use',
  says:
    "A domain's part of the stream is freed when its pages have their owner, though the next pass " +
    'still needs it: nobody restores what is in it.',
  source: 'museum 22: fix series for the Live Update Orchestrator, March 2026',
  kills: ['VER-1', 'RUN-1'],
  start: () => ({ host: hostOf(['pv']) }),
  events: [],
  order: 'fair',
  actions: {
    restore: (u, e) => {
      if (!isUpdateEvent(e)) return u;
      const done = restoreDomain(u, e);
      const r = done.restoring;
      if (e.type !== 'restore.1' || e.domid !== 1 || r?.stream == null) return done;
      const { 1: _freed, ...domains } = r.stream.domains;
      return { ...done, restoring: { ...r, stream: { ...r.stream, domains } } };
    },
  },
});
