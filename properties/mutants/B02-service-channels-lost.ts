import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { numericEntries } from '../../src/host/codec.ts';
import type { Domain } from '../../src/host/domain.ts';
import { restoreDomain } from '../../src/liveupdate/update.ts';
import { isUpdateEvent } from '../../src/world/world.ts';
import { mutant } from '../mutant.ts';
import { changeDomain } from '../support/tamper.ts';

/** Ports that wait for somebody to bind them: what a service offers. */
const withoutOffers = (d: Domain): Domain => {
  const channels = Object.fromEntries(
    numericEntries(d.events.channels).filter(([, c]) => c.binding.state !== 'unbound'),
  );
  const activeChannels = Object.keys(channels).length;
  return { ...d, events: { ...d.events, channels, activeChannels } };
};

export default mutant({
  id: 'B02',
  title: 'Channels of a service in a domain of its own are lost',
  says:
    'The ports that a domain offers to others, and nobody has bound yet, are not restored: who ' +
    'binds them next is refused.',
  source: 'museum 2: xen 75c7d6a6c6 (xenstored in a stub domain)',
  kills: ['I6.6', 'VER-1'],
  start: () => ({ host: mixedHost() }),
  events: [],
  order: 'fair',
  actions: {
    restore: (u, e) => {
      if (!isUpdateEvent(e)) return u;
      const done = restoreDomain(u, e);
      return e.type === 'restore.2' ? changeDomain(done, e.domid, withoutOffers) : done;
    },
  },
});
