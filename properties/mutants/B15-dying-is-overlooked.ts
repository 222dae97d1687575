import { startDying } from '../../src/host/build/lifecycle.ts';
import { look, type Update } from '../../src/liveupdate/update.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';

const overlooked = (u: Update): Update => ({
  ...u,
  obstacles: u.obstacles.filter((o) => o.progress?.type !== 'domain.kill'),
});

export default mutant({
  id: 'B15',
  title: 'A domain is dying when the update happens',
  says:
    'Nobody thought of a domain in the middle of destroydomain: it is no obstacle, and is saved ' +
    'as it stands.',
  source: 'museum 15: xen 939775cfd3 (domain dying at the time of the update)',
  kills: ['BND-1'],
  start: () => ({ host: hostOf(['pv'], (draft) => startDying(draft, 1, 'evtchn')) }),
  events: [],
  order: 'fair',
  actions: { look: (u) => overlooked(look(u)) },
});
