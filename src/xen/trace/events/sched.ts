/** TRC_SCHED_VERBOSE: what is asked of the scheduler, and its switches. */
import { layout } from './layout.ts';

/** TRC_SCHED_DOM_ADD: sched_init_domain. */
export const SCHED_DOM_ADD = 0x0002_8001;
/** TRC_SCHED_DOM_REM: sched_destroy_domain, after the RCU grace period. */
export const SCHED_DOM_REM = 0x0002_8002;
/** TRC_SCHED_SLEEP: vcpu_sleep_nosync, also for a vCPU that never ran. */
export const SCHED_SLEEP = 0x0002_8003;
/** TRC_SCHED_WAKE: vcpu_wake. */
export const SCHED_WAKE = 0x0002_8004;
/** TRC_SCHED_YIELD: by the vCPU itself. */
export const SCHED_YIELD = 0x0002_8005;
/** TRC_SCHED_BLOCK: by the vCPU itself, before it stops. */
export const SCHED_BLOCK = 0x0002_8006;
/** TRC_SCHED_SHUTDOWN: the guest's own SCHEDOP_shutdown, before it takes effect. */
export const SCHED_SHUTDOWN = 0x0002_8007;
/** TRC_SCHED_SWITCH. */
export const SCHED_SWITCH = 0x0002_800a;
/** TRC_SCHED_SWITCH_INFPREV. */
export const SCHED_SWITCH_INFPREV = 0x0002_800e;
/** TRC_SCHED_SWITCH_INFNEXT. */
export const SCHED_SWITCH_INFNEXT = 0x0002_800f;
/** TRC_SCHED_SHUTDOWN_CODE: the guest's own SCHEDOP_shutdown_code. */
export const SCHED_SHUTDOWN_CODE = 0x0002_8010;
/** TRC_SCHED_SWITCH_INFCONT. */
export const SCHED_SWITCH_INFCONT = 0x0002_8011;

/**
 * Switches name scheduling units; a unit is one vCPU, of the same number,
 * unless Xen was booted with sched-gran other than cpu. Times are in ns,
 * cut to 32 bits by Xen; the time slice is -1 where there is no end.
 */
export const SCHED_LAYOUTS = [
  layout(SCHED_DOM_ADD, 1, (r) => ({ type: 'sched_dom_add', domain: r.word(0) })),
  layout(SCHED_DOM_REM, 1, (r) => ({ type: 'sched_dom_rem', domain: r.word(0) })),
  layout(SCHED_SLEEP, 2, (r) => ({ type: 'sched_sleep', domain: r.word(0), vcpu: r.word(1) })),
  layout(SCHED_WAKE, 2, (r) => ({ type: 'sched_wake', domain: r.word(0), vcpu: r.word(1) })),
  layout(SCHED_YIELD, 2, (r) => ({ type: 'sched_yield', domain: r.word(0), vcpu: r.word(1) })),
  layout(SCHED_BLOCK, 2, (r) => ({ type: 'sched_block', domain: r.word(0), vcpu: r.word(1) })),
  layout(SCHED_SHUTDOWN, 3, (r) => ({
    type: 'sched_shutdown',
    domain: r.word(0),
    vcpu: r.word(1),
    reason: r.word(2),
  })),
  layout(0x28008, 0, () => ({ type: 'sched_ctl' })),
  layout(0x28009, 1, (r) => ({ type: 'sched_adjdom', domain: r.word(0) })),
  layout(SCHED_SWITCH, 4, (r) => ({
    type: 'sched_switch',
    previous: { domain: r.word(0), unit: r.word(1) },
    next: { domain: r.word(2), unit: r.word(3) },
  })),
  layout(0x2800b, 0, () => ({ type: 'sched_s_timer_fn' })),
  layout(0x2800c, 0, () => ({ type: 'sched_t_timer_fn' })),
  layout(0x2800d, 0, () => ({ type: 'sched_dom_timer_fn' })),
  layout(SCHED_SWITCH_INFPREV, 3, (r) => ({
    type: 'sched_switch_infprev',
    domain: r.word(0),
    unit: r.word(1),
    ranNs: r.word(2),
  })),
  layout(SCHED_SWITCH_INFNEXT, 4, (r) => ({
    type: 'sched_switch_infnext',
    domain: r.word(0),
    unit: r.word(1),
    waitedNs: r.word(2),
    sliceNs: r.word(3) | 0,
  })),
  layout(SCHED_SHUTDOWN_CODE, 3, (r) => ({
    type: 'sched_shutdown_code',
    domain: r.word(0),
    vcpu: r.word(1),
    reason: r.word(2),
  })),
  layout(SCHED_SWITCH_INFCONT, 4, (r) => ({
    type: 'sched_switch_infcont',
    domain: r.word(0),
    unit: r.word(1),
    ranNs: r.word(2),
    sliceNs: r.word(3) | 0,
  })),
];
