import type { Domain } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import { invariant, type UpdateEvidence, type Verdict } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { domainName, vcpuName } from '../support/names.ts';
import { explainedPauses, lastingPausers } from '../support/pauses.ts';
import { domainsOf, pairsOf, vcpusOf } from '../support/walk.ts';

/** XEN_DOMCTL_pausedomain stops counting there (F2.19). */
const MAX_CONTROLLER_PAUSES = 255;

const domainFault = (d: Domain, mayBeParked: boolean): string | null => {
  const { pauseCount, controllerPauseCount: controller, pausers } = d;
  if (pauseCount !== controller + pausers.length)
    return `pause_count ${pauseCount}, holders ${controller} + [${pausers.join(' ')}]`;
  if (controller > MAX_CONTROLLER_PAUSES) return `controller_pause_count ${controller}`;
  const dying = pausers.filter((p) => p === 'dying').length;
  if (dying !== (d.dying === 'alive' ? 0 : 1))
    return `${d.dying}, but paused ${dying} times for it`;
  const parked = pausers.filter((p) => p === 'lu').length;
  if (parked > (mayBeParked ? 1 : 0)) return `paused ${parked} times by the update`;
  return null;
};

const audit = (host: Host, mayBeParked: boolean): Verdict => {
  const a = new Audit();
  for (const d of domainsOf(host)) {
    a.count();
    const fault = domainFault(d, mayBeParked);
    if (fault !== null) a.offend(domainName(d.domid), fault);
  }
  for (const [d, v] of vcpusOf(host)) {
    a.count();
    const explained = explainedPauses(host, d, v);
    if (v.pauseCount !== explained)
      a.offend(vcpuName(d.domid, v.id), `pause_count ${v.pauseCount}, holders ${explained}`);
  }
  return a.verdict();
};

/** The holders that outlive an update are the same after it. */
const sameHolders = ({ saved, after }: UpdateEvidence): Verdict => {
  const a = new Audit();
  for (const [d, now] of pairsOf(saved, after)) {
    if (now === null) continue;
    a.count();
    if (now.controllerPauseCount !== d.controllerPauseCount)
      a.offend(
        domainName(d.domid),
        `controller_pause_count ${d.controllerPauseCount} -> ${now.controllerPauseCount}`,
      );
    for (const v of d.vcpus) {
      const count = now.vcpus[v.id]?.controllerPauseCount;
      if (count !== v.controllerPauseCount)
        a.offend(
          vcpuName(d.domid, v.id),
          `controller_pause_count ${v.controllerPauseCount} -> ${count ?? 'none'}`,
        );
    }
    const [was, is] = [lastingPausers(d).join(' '), lastingPausers(now).join(' ')];
    if (was !== is) a.offend(domainName(d.domid), `paused by [${was}] -> [${is}]`);
  }
  return a.verdict();
};

export default invariant({
  id: 'I2.1',
  title: 'Every pause has a holder, and only holders pause',
  says:
    'pause_count of a domain is its controller_pause_count plus one for each holder inside Xen; ' +
    'pause_count of a vCPU likewise. Holders that outlive an update are the same after it.',
  why:
    'A pause_count carried as a sum keeps the transient holders in it, the update itself among ' +
    'them: the domain then never runs again.',
  sources: ['I2.1', 'F2.7', 'F2.17', 'F2.19', 'S58'],
  host: (host) => audit(host, false),
  saved: (host) => audit(host, true),
  update: sameHolders,
});
