import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { vcpuName } from '../support/names.ts';
import { explainedPauses } from '../support/pauses.ts';
import { vcpusOf } from '../support/walk.ts';

export default invariant({
  id: 'I3.1',
  title: 'At the save no hypercall waits in a tasklet',
  says:
    'No tasklet that is not a softirq is queued or running, except the one of the update, and no ' +
    'vCPU is paused by continue_hypercall_on_cpu, except for that one.',
  why:
    'The work is a function pointer of xen#1. The caller stands behind its hypercall, paused, ' +
    'with a dummy 0 in rax: nothing could ever wake it (F3.13).',
  sources: ['I3.1', 'R45', 'F3.12', 'F3.13', 'S11', 'S12'],
  afterCrash: true,
  saved: (host) => {
    const a = new Audit();
    const { tasklets } = host.xen.system;
    for (const k of tasklets) {
      a.count();
      if (k.softirq || k.work === 'live_update' || (k.scheduledOn === null && !k.running)) continue;
      const owner = k.vcpu === null ? 'host' : vcpuName(k.vcpu.domid, k.vcpu.vcpu);
      const state = k.running ? 'is running' : `is queued on CPU ${k.scheduledOn}`;
      a.offend(owner, `tasklet ${k.id} (${k.work}) ${state}`);
    }
    for (const [d, v] of vcpusOf(host)) {
      a.count();
      const unexplained = v.pauseCount - explainedPauses(host, d, v);
      if (unexplained > 0)
        a.offend(vcpuName(d.domid, v.id), `paused ${unexplained} times with nobody to unpause it`);
    }
    return a.verdict();
  },
});
