import { numericEntries } from '../../src/host/codec.ts';
import { VIRQ_PER_VCPU } from '../../src/host/constants.ts';
import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { portName, vcpuName } from '../support/names.ts';
import { portsOf, vcpusOf } from '../support/walk.ts';

/** The vCPU in whose table a VIRQ is: its own, or vCPU 0's for a global one (F6.14). */
const homeOf = (virq: number, notifyVcpu: number): number =>
  VIRQ_PER_VCPU.includes(virq) ? notifyVcpu : 0;

export default invariant({
  id: 'I6.3',
  title: 'The VIRQ table and the VIRQ ports say the same',
  says:
    'virq_to_evtchn[q] of a vCPU is p if and only if port p is bound to VIRQ q for that vCPU; ' +
    'global VIRQs are in the table of vCPU 0, wherever they are notified.',
  why: 'Xen raises a VIRQ through the table; a port that is not in it never fires again.',
  sources: ['I6.3', 'F6.3', 'F6.14', 'section 11 rule 13'],
  host: (host) => {
    const a = new Audit();
    for (const [d, port, { binding, notifyVcpu }] of portsOf(host)) {
      if (binding.state !== 'virq') continue;
      a.count();
      const home = homeOf(binding.virq, notifyVcpu);
      const there = d.vcpus[home]?.virqToPort[binding.virq] ?? 0;
      if (there !== port)
        a.offend(
          portName(d.domid, port),
          `VIRQ ${binding.virq}, but the table of ${vcpuName(d.domid, home)} has port ${there}`,
        );
    }
    for (const [d, v] of vcpusOf(host))
      for (const [virq, port] of numericEntries(v.virqToPort)) {
        if (port === 0) continue;
        a.count();
        const channel = d.events.channels[port];
        const binding = channel?.binding;
        const names =
          channel !== undefined &&
          binding?.state === 'virq' &&
          binding.virq === virq &&
          homeOf(virq, channel.notifyVcpu) === v.id;
        if (!names)
          a.offend(
            vcpuName(d.domid, v.id),
            `its table has port ${port} for VIRQ ${virq}, which is ${binding?.state ?? 'free'}`,
          );
      }
    return a.verdict();
  },
});
