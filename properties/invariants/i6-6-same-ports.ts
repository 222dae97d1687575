import { numericKeys } from '../../src/host/codec.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { EventChannel } from '../../src/host/event-channel.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, portName } from '../support/names.ts';
import { pairsOf } from '../support/walk.ts';

/** All that a guest or its peer can tell of a port, in one line. */
const describe = (c: EventChannel | undefined, fifo: boolean): string => {
  if (c === undefined) return 'free';
  const { binding: b } = c;
  const what = {
    unbound: () => (b.state === 'unbound' ? `unbound for d${b.remoteDomid}` : ''),
    interdomain: () => (b.state === 'interdomain' ? portName(b.remoteDomid, b.remotePort) : ''),
    pirq: () => (b.state === 'pirq' ? `PIRQ ${b.pirq}` : ''),
    virq: () => (b.state === 'virq' ? `VIRQ ${b.virq}` : ''),
    ipi: () => 'IPI',
  }[b.state]();
  const consumer = c.xenConsumer === null ? '' : `, ${c.xenConsumer} of Xen's`;
  // The 2-level ABI has no priorities, whatever the field holds.
  const priority = fifo ? `, priority ${c.priority}` : '';
  return `${what}, v${c.notifyVcpu}${priority}${consumer}`;
};

const compareDomain = (a: Audit, d: Domain, now: Domain): void => {
  const [was, is] = [d.events, now.events];
  a.count();
  const fault = [
    was.abi === is.abi ? null : `ABI ${was.abi} -> ${is.abi}`,
    was.maxPort === is.maxPort ? null : `max port ${was.maxPort} -> ${is.maxPort}`,
    was.suspendPort === is.suspendPort
      ? null
      : `suspend port ${was.suspendPort ?? 0} -> ${is.suspendPort ?? 0}`,
  ].find((f) => f !== null);
  if (fault !== undefined) a.offend(domainName(d.domid), fault);
  const ports = new Set([...numericKeys(was.channels), ...numericKeys(is.channels)]);
  for (const port of ports) {
    a.count();
    const [x, y] = [
      describe(was.channels[port], was.abi === 'fifo'),
      describe(is.channels[port], was.abi === 'fifo'),
    ];
    if (x !== y) a.offend(portName(d.domid, port), `${x} -> ${y}`);
  }
};

const compare = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const [d, now] of pairsOf(saved, after)) {
    if (now === null) a.offend(domainName(d.domid), 'is gone, with its ports');
    else compareDomain(a, d, now);
  }
  return a.verdict();
};

export default invariant({
  id: 'I6.6',
  title: 'Every port is what it was',
  says:
    'Number, kind, peer, priority and notified vCPU of each port, and the ABI of each domain, ' +
    'are the same before and after.',
  why: 'A port number is the only handle that a guest has on a channel (F6.16).',
  sources: ['I6.6', 'F6.8', 'F6.9', 'F6.16', 'F9.4', 'S46'],
  update: compare,
});
