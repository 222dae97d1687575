/** Who pauses a vCPU, and whether a pause is lasting (F2.17 to F2.25, F3.12, F3.18). */
import { VPF } from '../../src/host/constants.ts';
import type { Domain, Pauser } from '../../src/host/domain.ts';
import type { Host } from '../../src/host/host.ts';
import type { Vcpu } from '../../src/host/vcpu.ts';

/** vcpu_runnable (F2.17), for a vCPU that was brought up. */
export const isRunnable = (d: Domain, v: Vcpu): boolean =>
  v.initialised && v.pauseFlags === 0 && v.pauseCount === 0 && d.pauseCount === 0;

/** Hypercalls of a vCPU that wait in a tasklet: each pauses it once (F3.12). */
export const taskletPauses = (host: Host, d: Domain, v: Vcpu): number =>
  host.xen.system.tasklets.filter(
    (k) =>
      k.vcpu?.domid === d.domid &&
      k.vcpu.vcpu === v.id &&
      (k.work === 'continue_hypercall' || k.work === 'live_update') &&
      (k.scheduledOn !== null || k.running),
  ).length;

/** Units of v->pause_count that somebody answers for. */
export const explainedPauses = (host: Host, d: Domain, v: Vcpu): number =>
  v.controllerPauseCount +
  (v.pausedForShutdown ? 1 : 0) +
  (v.onWaitQueue ? 1 : 0) +
  taskletPauses(host, d, v);

/**
 * Flags that end by themselves while an update quiesces: an emulation, a
 * migration of the vCPU, and the wait for an event, which domains that still
 * run or deferred work may raise (R14): the end of a teardown sends dom0
 * VIRQ_DOM_EXC (F2.7).
 */
const TRANSIENT_FLAGS = VPF.blocked_in_xen | VPF.migrating | VPF.blocked;

/** An INIT-SIPI that was sent and not yet delivered: the vCPU is about to come up (F3.16). */
const comesUp = (host: Host, d: Domain, v: Vcpu): boolean =>
  host.xen.system.tasklets.some(
    (k) => k.work === 'init_sipi' && k.vcpu?.domid === d.domid && k.vcpu.vcpu === v.id,
  );

/** Is the vCPU kept from running by something that no quiescing takes away? */
export const isHeld = (host: Host, d: Domain, v: Vcpu): boolean =>
  (!v.initialised && !comesUp(host, d, v)) ||
  d.pauseCount > 0 ||
  v.controllerPauseCount > 0 ||
  v.pausedForShutdown ||
  (v.pauseFlags & ~(TRANSIENT_FLAGS | (comesUp(host, d, v) ? VPF.down : 0))) !== 0;

/** The pausers of a domain without the update's own, sorted. */
export const lastingPausers = (d: Domain): readonly Pauser[] =>
  d.pausers.filter((p) => p !== 'lu').sort();
