import { numericEntries } from '../../src/host/codec.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { eventWord, portBits, queuesOf, vcpuInfo } from '../support/event-bits.ts';
import { portName } from '../support/names.ts';
import { pairsOf } from '../support/walk.ts';

/**
 * Would the guest come to see a pending event of this port? 2-level: the
 * upcall of the vCPU is raised. FIFO: the port is on a queue that leads from
 * its head to the tail that Xen appends to, or Xen remembers it because the
 * array has no word for it yet.
 */
const deliverable = (host: Host, d: Domain): ((port: number) => boolean) => {
  if (d.events.abi === 'fifo') {
    const sound = queuesOf(host, d).filter((q) => q.fault === null && q.ports.at(-1) === q.tail);
    const queued = new Set(sound.flatMap((q) => q.ports));
    return (port) =>
      queued.has(port) ||
      (eventWord(host, d, port) === null && d.events.channels[port]?.pendingBeyondArray === true);
  }
  return (port) => {
    const v = d.vcpus[d.events.channels[port]?.notifyVcpu ?? 0];
    return v !== undefined && vcpuInfo(host, d, v)?.upcallPending === true;
  };
};

const comparePorts = (a: Audit, saved: Host, after: Host, d: Domain, now: Domain): void => {
  const [bitsWas, bitsIs] = [portBits(saved, d), portBits(after, now)];
  const [reachedWas, reachedIs] = [deliverable(saved, d), deliverable(after, now)];
  for (const [port, channel] of numericEntries(d.events.channels)) {
    const [was, is] = [bitsWas(port), bitsIs(port)];
    const where = portName(d.domid, port);
    if (was.masked !== is.masked) a.offend(where, is.masked ? 'became masked' : 'lost its mask');
    // An interrupt of a device may come at any time, also while nobody runs (R35).
    if (!was.pending && is.pending && channel.binding.state !== 'pirq')
      a.offend(where, 'pending, and nobody raised it');
    if (!was.pending || was.masked) continue;
    a.count();
    if (!is.pending) a.offend(where, 'was pending and is not');
    else if (reachedWas(port) && !reachedIs(port))
      a.offend(where, 'pending, but the guest would not find it');
  }
};

const compare = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const [d, now] of pairsOf(saved, after))
    if (now !== null) comparePorts(a, saved, after, d, now);
  return a.verdict();
};

export default invariant({
  id: 'I6.5',
  title: 'No event is lost, none is made up',
  says:
    'A port that was pending and not masked at the save is pending after, and the guest will ' +
    'find it; masks are as they were, and no port became pending by the update.',
  why:
    'Binding or closing ports anew sets and clears pending bits (F6.10, F6.11). A guest that ' +
    'waits for an event that was lost waits for ever.',
  sources: ['I6.5', 'EVT-1', 'F6.5', 'F6.7', 'F6.10', 'F6.11', 'S47', 'S48'],
  update: compare,
});
