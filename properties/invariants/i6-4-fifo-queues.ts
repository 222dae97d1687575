import { numericEntries } from '../../src/host/codec.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { eventWord, type Queue, queuesOf } from '../support/event-bits.ts';
import { portName, vcpuName } from '../support/names.ts';
import { domainsOf } from '../support/walk.ts';

const auditQueue = (a: Audit, d: Domain, q: Queue): void => {
  a.count();
  const where = `${vcpuName(d.domid, q.vcpu)} queue ${q.priority}`;
  if (q.fault !== null) a.offend(where, q.fault);
  else if (q.ports.at(-1) !== q.tail)
    a.offend(where, `ends at port ${q.ports.at(-1)}, Xen has the tail at ${q.tail}`);
};

/** Every LINKED port is on one queue, the one that fifo_lastq names. */
const auditPorts = (a: Audit, host: Host, d: Domain, queues: readonly Queue[]): void => {
  const onQueue = new Map<number, Queue>();
  for (const q of queues)
    for (const port of q.ports) {
      const other = onQueue.get(port);
      if (other !== undefined)
        a.offend(
          portName(d.domid, port),
          `on queue ${other.priority} of v${other.vcpu} and on queue ${q.priority} of v${q.vcpu}`,
        );
      onQueue.set(port, q);
    }
  for (const [port, channel] of numericEntries(d.events.channels)) {
    if (eventWord(host, d, port)?.linked !== true) continue;
    a.count();
    const q = onQueue.get(port);
    const { vcpu, priority } = channel.lastQueue;
    if (q === undefined) a.offend(portName(d.domid, port), 'LINKED, but on no queue');
    else if (q.vcpu !== vcpu || q.priority !== priority)
      a.offend(
        portName(d.domid, port),
        `on queue ${q.priority} of v${q.vcpu}, fifo_lastq says ${priority} of v${vcpu}`,
      );
  }
};

export default invariant({
  id: 'I6.4',
  title: 'FIFO queues lead from head to tail through LINKED ports',
  says:
    'From each head that is not 0, LINK leads to the tail that Xen keeps, over LINKED words only; ' +
    'no port is on two queues, and fifo_lastq names the one that a LINKED port is on.',
  why:
    'Head and links are memory of the guest, tail and fifo_lastq are private to Xen. With a ' +
    'wrong tail the next event overwrites the head, and everything queued is lost (S47).',
  sources: ['I6.4', 'F6.6', 'F6.7', 'S47'],
  host: (host) => {
    const a = new Audit();
    for (const d of domainsOf(host)) {
      if (d.events.abi !== 'fifo') continue;
      const queues = queuesOf(host, d);
      for (const q of queues) auditQueue(a, d, q);
      auditPorts(a, host, d, queues);
    }
    return a.verdict();
  },
});
