import { bindInterdomain } from '../../src/host/build/events.ts';
import { numericEntries } from '../../src/host/codec.ts';
import { restoreDomain } from '../../src/liveupdate/update.ts';
import { isUpdateEvent } from '../../src/world/world.ts';
import { mutant } from '../mutant.ts';
import { hostOf } from '../support/scenes.ts';
import { crashed } from '../support/tamper.ts';

export default mutant({
  id: 'B04',
  title: 'Making what is there already is an error',
  says:
    'The domain that is restored first makes both ends of an inter-domain channel. The other one ' +
    'finds its port there already, and takes that for an error.',
  source: 'museum 4: xen f838b95677 (mkdir of a node that exists)',
  kills: ['PNR-2'],
  start: () => ({ host: hostOf(['pv'], (draft) => bindInterdomain(draft, 1, 0)) }),
  events: [],
  order: 'fair',
  actions: {
    restore: (u, e) => {
      if (!isUpdateEvent(e)) return u;
      const done = restoreDomain(u, e);
      if (e.type !== 'restore.2') return done;
      const own = done.restoring?.xen.domains[e.domid]?.events.channels ?? {};
      const made = numericEntries(own).find(
        ([, { binding: b }]) =>
          b.state === 'interdomain' &&
          b.remoteDomid !== e.domid &&
          (u.passes[b.remoteDomid] ?? 0) === 5,
      );
      return made === undefined ? done : crashed(done, `d${e.domid} port ${made[0]}: -EEXIST`);
    },
  },
});
