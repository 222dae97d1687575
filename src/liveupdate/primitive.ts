/** By what a domain is stopped for an update, and what that waits for (Q1, Q2, R12, R12'). */
import { type Design, keeps } from '../design/design.ts';
import type { Domain } from '../host/domain.ts';
import type { Tasklet } from '../host/system.ts';
import type { Vcpu } from '../host/vcpu.ts';

/** Through domain_shutdown: without R12' every domain, with SHUTDOWN_suspend every guest (F2.23). */
export const stopsByShutdown = (design: Design, d: Domain): boolean =>
  !keeps(design, "R12'") || (design.policies.Q1 === 'suspend' && !d.isHardware);

/**
 * Does the update wait for an emulation in flight? domain_pause does not. A
 * shutdown does as long as the vCPU defers it, which a crash code does not
 * allow (F2.23, F2.25).
 */
export const waitsForIo = (design: Design, d: Domain, v: Vcpu): boolean =>
  keeps(design, 'R12') &&
  design.policies.Q1 !== 'pause' &&
  !(stopsByShutdown(design, d) && v.pausedForShutdown);

/** Work in a tasklet that the design does not complete before the save. */
export const isAbandoned = (design: Design, k: Tasklet): boolean =>
  k.work === 'live_update'
    ? !keeps(design, 'F3.12.caller')
    : k.softirq
      ? !keeps(design, 'F3.16.softirq')
      : !keeps(design, 'R45') || design.policies.Q2 === 'abandon';
