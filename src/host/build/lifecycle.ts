/** Pauses, shutdown, dying domains and deferred work under construction (F2, F3). */
import { numericEntries } from '../codec.ts';
import { SHUTDOWN_CODE_INVALID } from '../constants.ts';
import type { Pauser, ShutdownState, Teardown } from '../domain.ts';
import { domid } from '../ids.ts';
import type { Tasklet } from '../system.ts';
import { BuildError, domainAt, type HostDraft, vcpuAt } from './draft.ts';

/** XEN_DOMCTL_pausedomain, `times` times (F2.19). */
export const pauseByController = (draft: HostDraft, id: number, times = 1): void => {
  domainAt(draft, id).domain.controllerPauseCount += times;
};

/** A pause that something inside Xen holds (I2.1). */
export const pauseBy = (draft: HostDraft, id: number, pauser: Pauser): void => {
  domainAt(draft, id).domain.pausers.push(pauser);
};

/** A vCPU that the tool stack paused (F2.19). */
export const pauseVcpu = (draft: HostDraft, id: number, vcpu: number, times = 1): void => {
  const v = vcpuAt(domainAt(draft, id), vcpu);
  v.controllerPauseCount += times;
  v.pauseCount += times;
};

/** Shutdown begun or complete: all vCPUs, or all but those that defer it, are paused for it (F2.23). */
export const shutDown = (
  draft: HostDraft,
  id: number,
  state: ShutdownState['state'],
  code: number,
): void => {
  const { domain } = domainAt(draft, id);
  domain.shutdown = { state, code };
  if (state === 'none') return;
  for (const v of domain.vcpus) {
    if (v.deferShutdown) continue;
    v.pausedForShutdown = true;
    v.pauseCount++;
  }
};

/** SCHEDOP_shutdown_code: a code stored in advance, without a shutdown (F2.27). */
export const storeShutdownCode = (draft: HostDraft, id: number, code: number): void => {
  const { shutdown } = domainAt(draft, id).domain;
  if (shutdown.code === SHUTDOWN_CODE_INVALID) shutdown.code = code;
};

/** domain_kill has begun and is at a phase (F2.7); nothing is taken away yet. */
export const startDying = (
  draft: HostDraft,
  id: number,
  phase: Teardown['phase'] = 'none',
): void => {
  const { domain } = domainAt(draft, id);
  if (domain.dying !== 'alive') throw new BuildError(`d${id} is dying already`);
  domain.dying = 'dying';
  domain.teardown = { ...domain.teardown, phase };
  domain.pausers.push('dying');
};

/** The last step of its domain_kill, the move to cpupool0, fails again and again (F4.4). */
export const refuseMove = (draft: HostDraft, id: number): void => {
  const { domain } = domainAt(draft, id);
  domain.teardown = { ...domain.teardown, noMove: true };
};

/** Queues a tasklet on a CPU and returns its id. A hypercall's caller waits, paused (F3.12). */
export const queueTasklet = (
  draft: HostDraft,
  tasklet: Pick<Tasklet, 'work' | 'softirq'> & Partial<Tasklet>,
): number => {
  const { tasklets } = draft.xen.system;
  const id = tasklets.length;
  const vcpu = tasklet.vcpu ?? null;
  tasklets.push({
    id,
    work: tasklet.work,
    softirq: tasklet.softirq,
    vcpu: vcpu === null ? null : { ...vcpu },
    scheduledOn: tasklet.scheduledOn ?? 0,
    running: tasklet.running ?? false,
    result: tasklet.result ?? 0,
  });
  if (tasklet.work === 'continue_hypercall' && vcpu !== null) {
    const v = vcpuAt(domainAt(draft, vcpu.domid), vcpu.vcpu);
    v.pauseCount++;
    v.registers.rax = 0;
  }
  return id;
};

/** An RCU callback that has not run (F3.17). */
export const queueRcu = (draft: HostDraft, what: string): void => {
  draft.xen.system.rcu.push({ kind: 'other', what });
};

/** `target` of a device-model domain: it holds a reference of the other (F2.14). */
export const setTarget = (draft: HostDraft, id: number, target: number): void => {
  domainAt(draft, target);
  domainAt(draft, id).domain.target = domid(target);
};

/** Everything that other domains' channels say of a domain, as its teardown leaves it (F6.12). */
export const closeAllPorts = (draft: HostDraft, id: number): void => {
  const { events } = domainAt(draft, id).domain;
  for (const [, channel] of numericEntries(events.channels)) {
    const { binding } = channel;
    if (binding.state !== 'interdomain' || binding.remoteDomid === id) continue;
    const peer = domainAt(draft, binding.remoteDomid).domain.events.channels[binding.remotePort];
    if (peer !== undefined) peer.binding = { state: 'unbound', remoteDomid: domid(id) };
  }
  events.abi = '2l';
  events.channels = {};
  events.validPorts = 0;
  events.fifoArray = [];
  events.suspendPort = null;
  for (const v of domainAt(draft, id).domain.vcpus) {
    v.virqToPort = {};
    v.fifo = null;
  }
};
