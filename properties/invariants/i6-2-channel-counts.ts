import { numericKeys } from '../../src/host/codec.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, portName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

export default invariant({
  id: 'I6.2',
  title: 'Counts of active and Xen-attached ports are right',
  says:
    'active_evtchns is the number of ports that are not free, xen_evtchns the number of those ' +
    'that a consumer in Xen listens to; and every port has a place below valid_evtchns.',
  why:
    'A reset of event channels stops closing when the two are equal (F5.2); a port without a ' +
    'bucket is memory that is not there.',
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
      for (const port of numericKeys(events.channels))
        if (port < 1 || port >= events.validPorts)
          a.offend(portName(domid, port), `not below valid_evtchns ${events.validPorts}`);
    }
    return a.verdict();
  },
});
