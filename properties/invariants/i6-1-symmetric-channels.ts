import type { EventChannel } from '../../src/host/event-channel.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { portName } from '../support/names.ts';
import { portsOf } from '../support/walk.ts';

const describe = (c: EventChannel | undefined): string => {
  if (c === undefined) return 'free';
  const { binding: b } = c;
  return b.state === 'interdomain' ? `bound to ${portName(b.remoteDomid, b.remotePort)}` : b.state;
};

export default invariant({
  id: 'I6.1',
  title: 'Inter-domain channels name each other at both ends',
  says: 'Port p of d is bound to port q of e if and only if port q of e is bound to port p of d.',
  why: 'Xen stops the machine when a port is closed whose peer does not point back (F6.12).',
  sources: ['I6.1', 'F6.10', 'F6.12', 'section 11 rule 16', 'S16', 'S49'],
  host: (host) => {
    const a = new Audit();
    for (const [d, port, channel] of portsOf(host)) {
      const { binding } = channel;
      if (binding.state !== 'interdomain') continue;
      a.count();
      const peer = host.xen.domains[binding.remoteDomid]?.events.channels[binding.remotePort];
      const back = peer?.binding;
      if (back?.state === 'interdomain' && back.remoteDomid === d.domid && back.remotePort === port)
        continue;
      const other = portName(binding.remoteDomid, binding.remotePort);
      a.offend(portName(d.domid, port), `bound to ${other}, which is ${describe(peer)}`);
    }
    return a.verdict();
  },
});
