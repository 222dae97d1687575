import { VIRQ } from '../../src/host/constants.ts';
import type { Domain } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import { resetCallOf } from '../../src/host/reset-call.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { portBits } from '../support/event-bits.ts';
import { domainName, hex, portName, vcpuName } from '../support/names.ts';
import { domainsOf, pairsOf, portsOf } from '../support/walk.ts';

const describe = (d: Domain): string => `${d.shutdown.state}, code ${hex(d.shutdown.code)}`;

/** Was a soft reset of the domain half done, which quiescing finishes? Its end resumes the domain (F5.7). */
const inSoftReset = (host: Host, domid: number): boolean =>
  domainsOf(host).some((caller) =>
    caller.vcpus.some((v) => {
      const call = resetCallOf(v.registers);
      return call?.by === 'domctl' && call.target === domid;
    }),
  );

/** Shutdowns at the save and after; codes also from before the trigger on. */
const compareShutdowns = (a: Audit, { before, saved, after }: UpdateEvidence): void => {
  for (const [d, now] of pairsOf(saved, after)) {
    a.count();
    const where = domainName(d.domid);
    if (now === null) {
      a.offend(where, `shutdown ${describe(d)} -> no such domain`);
      continue;
    }
    const first = inSoftReset(before, d.domid) ? d : (before.xen.domains[d.domid] ?? d);
    const same =
      d.shutdown.state === now.shutdown.state && first.shutdown.code === now.shutdown.code;
    if (!same) a.offend(where, `shutdown ${describe(first)} -> ${describe(now)}`);
    for (const v of d.vcpus)
      if (v.pausedForShutdown !== (now.vcpus[v.id]?.pausedForShutdown ?? false))
        a.offend(
          vcpuName(d.domid, v.id),
          v.pausedForShutdown ? 'no longer paused for the shutdown' : 'paused for a shutdown',
        );
  }
};

/** Did a domain shut down or die, so that the tool stack has to hear of it? */
const somethingEnded = (before: Host, after: Host): boolean =>
  domainsOf(before).some((d) => {
    const now = after.xen.domains[d.domid];
    return now === undefined || now.dying !== d.dying || now.shutdown.state !== d.shutdown.state;
  });

/** VIRQ_DOM_EXC says that a domain ended; an update ends none. */
const compareVirq = (a: Audit, { before, after }: UpdateEvidence): void => {
  const ended = somethingEnded(before, after);
  for (const [d, port, channel] of portsOf(before)) {
    const { binding } = channel;
    if (binding.state !== 'virq' || binding.virq !== VIRQ.DOM_EXC) continue;
    a.count();
    const now = after.xen.domains[d.domid];
    if (now === undefined || ended) continue;
    if (!portBits(before, d)(port).pending && portBits(after, now)(port).pending)
      a.offend(portName(d.domid, port), 'VIRQ_DOM_EXC was raised, and no domain had ended');
  }
};

const compare = (evidence: UpdateEvidence): Verdict => {
  const a = new Audit();
  compareShutdowns(a, evidence);
  compareVirq(a, evidence);
  return a.verdict();
};

export default invariant({
  id: 'I2.3',
  title: 'Shutdown state and code are what they were',
  says:
    'Every domain has the shutdown state and code that it had, vCPUs paused for a shutdown stay ' +
    'paused, and VIRQ_DOM_EXC is not raised because of the update.',
  why:
    'A domain that shut down waits for the tool stack with its code; domain_resume would clear ' +
    'the code and let it run, and the VIRQ would make the tool stack act on it.',
  sources: ['I2.3', "R12'", 'F2.24', 'F2.26', 'F2.27', 'S4', 'S5'],
  update: compare,
});
