import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

export default invariant({
  id: 'I6.2',
  title: 'Counts of active and Xen-attached ports are right',
  says:
    'active_evtchns is the number of ports that are not free, xen_evtchns the number of those ' +
    'that a consumer in Xen listens to.',
  why: 'A reset of event channels stops closing when the two are equal (F5.2).',
  sources: ['I6.2', 'F5.1', 'F5.2', 'F6.3'],
  host: (host) => {
    const a = new Audit();
    for (const { domid, events } of domainsOf(host)) {
      a.count();
      const channels = Object.values(events.channels);
      const xen = channels.filter((c) => c.xenConsumer !== null).length;
      if (events.activeChannels !== channels.length)
        a.offend(
          domainName(domid),
          `active_evtchns ${events.activeChannels}, ports in use ${channels.length}`,
        );
      if (events.xenChannels !== xen)
        a.offend(domainName(domid), `xen_evtchns ${events.xenChannels}, Xen-attached ports ${xen}`);
    }
    return a.verdict();
  },
});
