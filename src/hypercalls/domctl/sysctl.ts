/** A sysctl that works on another CPU: continue_hypercall_on_cpu (F3.12 to F3.14). */

import { domid } from '../../host/ids.ts';
import { getDomain } from '../domains.ts';
import { ERRNO, resultWord } from '../errno.ts';
import { type Body, refuse } from '../step.ts';
import { isCaller, pauseVcpu, privilegedCaller } from '../vcpus.ts';

/** XEN_SYSCTL_cpu_hotplug; `fails`: whether the work will end with -EBUSY. */
export interface CpuHotplug {
  readonly type: 'sysctl.cpu_hotplug';
  readonly caller: number;
  readonly vcpu: number;
  readonly cpu: number;
  readonly fails: boolean;
}

/**
 * The caller's vCPU is paused with a dummy 0 in rax, the domain referenced,
 * and the work is queued on CPU 0, which brings others up and down.
 */
export const cpuHotplug: Body<CpuHotplug> = (tx, e) => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  if (e.cpu < 1 || e.cpu >= tx.hardware.cpus) return refuse('EINVAL', `no CPU ${e.cpu} to switch`);
  const { tasklets } = tx.xen.system;
  tasklets.push({
    id: tasklets.reduce((highest, k) => Math.max(highest, k.id), -1) + 1,
    work: 'continue_hypercall',
    vcpu: { domid: domid(e.caller), vcpu: e.vcpu },
    scheduledOn: 0,
    running: false,
    softirq: false,
    result: e.fails ? -ERRNO.EBUSY : 0,
  });
  getDomain(c.d);
  pauseVcpu(c.v);
  c.v.registers.rax = resultWord(0);
  return null;
};
