import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';
import { vcpuName } from '../support/names.ts';

export default invariant({
  id: 'DEFER-1',
  title: 'At the save nothing waits that only xen#1 could do',
  says:
    'No RCU callback is pending, and no softirq tasklet holds an interrupt, an INIT-SIPI or a ' +
    'notification.',
  why:
    'Callbacks and tasklets are pointers of xen#1. With them goes the interrupt that a vCPU ' +
    'waits for, or the word to the tool stack that a domain is gone (F2.15, F3.16, F3.17).',
  sources: ['F2.15', 'F3.16', 'F3.17', 'F9.9'],
  afterCrash: true,
  saved: ({ xen }) => {
    const a = new Audit();
    a.count();
    for (const callback of xen.system.rcu) {
      a.count();
      const what =
        callback.kind === 'complete_domain_destroy'
          ? `complete_domain_destroy of d${callback.domid}`
          : callback.what;
      a.offend('RCU', `${what} waits for its grace period`);
    }
    for (const k of xen.system.tasklets) {
      a.count();
      if (!k.softirq || (k.scheduledOn === null && !k.running)) continue;
      const owner = k.vcpu === null ? 'host' : vcpuName(k.vcpu.domid, k.vcpu.vcpu);
      a.offend(owner, `tasklet ${k.id} (${k.work}) is not run`);
    }
    return a.verdict();
  },
});
