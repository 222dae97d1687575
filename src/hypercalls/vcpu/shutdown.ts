/** domain_shutdown, its deferral, and domain_resume (F2.21 to F2.27). */
import { SHUTDOWN, SHUTDOWN_CODE_INVALID, VIRQ } from '../../host/constants.ts';
import { setPending } from '../event-channel/pending.ts';
import { sendGlobalVirq } from '../event-channel/virq.ts';
import type { MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { pauseVcpu, unpauseVcpu } from '../vcpus.ts';

/** When every vCPU is paused for it, the shutdown is complete and somebody is told (F2.24). */
const finaliseShutdown = (tx: Transaction, d: MutableDomain): void => {
  if (d.shutdown.state !== 'in_progress' || !d.vcpus.every((v) => v.pausedForShutdown)) return;
  d.shutdown.state = 'complete';
  if (d.shutdown.code === SHUTDOWN.suspend && d.events.suspendPort !== null)
    notifySuspend(tx, d, d.events.suspendPort);
  else sendGlobalVirq(tx, VIRQ.DOM_EXC);
};

/** The suspend port is the domain's own end; its peer gets the event. */
const notifySuspend = (tx: Transaction, d: MutableDomain, port: number): void => {
  const binding = d.events.channels[port]?.binding;
  if (binding?.state !== 'interdomain') return;
  const peer = tx.domain(binding.remoteDomid);
  if (peer !== undefined) setPending(tx, peer, binding.remotePort);
};

const pauseForShutdown = (v: MutableVcpu): void => {
  if (v.pausedForShutdown) return;
  pauseVcpu(v);
  v.pausedForShutdown = true;
};

/**
 * domain_shutdown: a code that was stored before wins over `reason`. The
 * hardware domain takes the machine with it, whatever the code (F2.23). vCPUs
 * with an emulation in flight follow when it is done; a crash does not wait.
 */
export const domainShutdown = (tx: Transaction, d: MutableDomain, reason: number): void => {
  if (d.shutdown.code === SHUTDOWN_CODE_INVALID) d.shutdown.code = reason;
  if (d.isHardware) tx.hostDown(`d${d.domid} is the hardware domain and shut down`);
  if (d.shutdown.state !== 'none') return;
  d.shutdown.state = 'in_progress';
  for (const v of d.vcpus) {
    if (d.shutdown.code === SHUTDOWN.crash) v.deferShutdown = false;
    else if (v.deferShutdown) continue;
    pauseForShutdown(v);
  }
  finaliseShutdown(tx, d);
};

/** domain_crash: what Xen does to a domain that broke a rule. */
export const domainCrash = (tx: Transaction, d: MutableDomain): void =>
  domainShutdown(tx, d, SHUTDOWN.crash);

/** vcpu_check_shutdown: the vCPU joins a shutdown that is under way. */
const joinShutdown = (tx: Transaction, d: MutableDomain, v: MutableVcpu): void => {
  if (d.shutdown.state === 'none') return;
  pauseForShutdown(v);
  v.deferShutdown = false;
  finaliseShutdown(tx, d);
};

/** vcpu_start_shutdown_deferral: false if a shutdown was under way (F2.25). */
export const startDeferral = (tx: Transaction, d: MutableDomain, v: MutableVcpu): boolean => {
  if (v.deferShutdown) return true;
  v.deferShutdown = true;
  joinShutdown(tx, d, v);
  return v.deferShutdown;
};

export const endDeferral = (tx: Transaction, d: MutableDomain, v: MutableVcpu): void => {
  v.deferShutdown = false;
  joinShutdown(tx, d, v);
};

/** domain_resume: state and code are forgotten, and all that paused for it goes on (F2.26). */
export const domainResume = (tx: Transaction, d: MutableDomain): void => {
  d.shutdown = { state: 'none', code: SHUTDOWN_CODE_INVALID };
  for (const v of d.vcpus) {
    if (!v.pausedForShutdown) continue;
    v.pausedForShutdown = false;
    unpauseVcpu(tx, v);
  }
};
