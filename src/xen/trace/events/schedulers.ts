/**
 * TRC_SCHED_CLASS of credit (id 0), rtds (4) and null (5). ARINC 653 (3) has
 * an id but Xen writes no event of its own under it; such records, and those
 * of schedulers yet to come, are `unknown` with the scheduler's number.
 */
import { byteOf, high, layout, low, pairAt, signed } from './layout.ts';

export const CREDIT_LAYOUTS = [
  layout(0x22001, 0, () => ({ type: 'csched_sched_tasklet' })),
  layout(0x22002, 3, (r) => ({
    type: 'csched_account_start',
    domain: r.word(0),
    unit: r.word(1),
    active: r.word(2),
  })),
  layout(0x22003, 3, (r) => ({
    type: 'csched_account_stop',
    domain: r.word(0),
    unit: r.word(1),
    active: r.word(2),
  })),
  layout(0x22004, 3, (r) => ({
    type: 'csched_stolen_unit',
    from: r.word(0),
    domain: r.word(1),
    unit: r.word(2),
  })),
  layout(0x22005, 3, (r) => ({
    type: 'csched_picked_cpu',
    domain: r.word(0),
    unit: r.word(1),
    processor: r.word(2),
  })),
  layout(0x22006, 1, (r) => ({ type: 'csched_tickle', target: r.word(0) })),
  layout(0x22007, 2, (r) => ({ type: 'csched_boost_start', domain: r.word(0), unit: r.word(1) })),
  layout(0x22008, 2, (r) => ({ type: 'csched_boost_end', domain: r.word(0), unit: r.word(1) })),
  layout(0x22009, 1, (r) => ({
    type: 'csched_schedule',
    processor: low(r.word(0)),
    tasklet: byteOf(r.word(0), 2),
    idle: byteOf(r.word(0), 3),
  })),
  layout(0x2200a, 2, (r) => ({
    type: 'csched_ratelimit',
    domain: high(r.word(0)),
    unit: low(r.word(0)),
    ran: r.word(1),
  })),
  layout(0x2200b, 2, (r) => ({
    type: 'csched_steal_check',
    peer: r.word(0),
    checked: r.word(1),
  })),
];

/** Deadlines and budgets in ns. */
export const RTDS_LAYOUTS = [
  layout(0x22801, 1, (r) => ({ type: 'rtds_tickle', target: low(r.word(0)) })),
  layout(0x22802, 5, (r) => ({
    type: 'rtds_runq_pick',
    domain: high(r.word(0)),
    unit: low(r.word(0)),
    deadline: pairAt(r, 1),
    budget: pairAt(r, 3),
  })),
  layout(0x22803, 5, (r) => ({
    type: 'rtds_budget_burn',
    domain: high(r.word(0)),
    unit: low(r.word(0)),
    budget: pairAt(r, 1),
    delta: signed(r.word(3)),
    priority: r.word(4),
  })),
  layout(0x22804, 6, (r) => ({
    type: 'rtds_budget_replenish',
    domain: high(r.word(0)),
    unit: low(r.word(0)),
    priority: r.word(1),
    deadline: pairAt(r, 2),
    budget: pairAt(r, 4),
  })),
  layout(0x22805, 0, () => ({ type: 'rtds_sched_tasklet' })),
  layout(0x22806, 1, (r) => ({
    type: 'rtds_schedule',
    processor: low(r.word(0)),
    tasklet: byteOf(r.word(0), 2),
    tickled: byteOf(r.word(0), 3) & 0xf,
    idle: byteOf(r.word(0), 3) >>> 4,
  })),
];

export const NULL_LAYOUTS = [
  layout(0x22a01, 2, (r) => ({
    type: 'snull_picked_cpu',
    domain: high(r.word(0)),
    unit: low(r.word(0)),
    processor: r.word(1),
  })),
  layout(0x22a02, 2, (r) => ({
    type: 'snull_unit_assign',
    domain: high(r.word(0)),
    unit: low(r.word(0)),
    processor: r.word(1),
  })),
  layout(0x22a03, 2, (r) => ({
    type: 'snull_unit_deassign',
    domain: high(r.word(0)),
    unit: low(r.word(0)),
    processor: r.word(1),
  })),
  layout(0x22a04, 2, (r) => ({
    type: 'snull_migrate',
    domain: high(r.word(0)),
    unit: low(r.word(0)),
    from: low(r.word(1)),
    to: high(r.word(1)),
  })),
  /** Domain and unit 65535: no unit is assigned to the processor. */
  layout(0x22a05, 2, (r) => ({
    type: 'snull_schedule',
    tasklet: low(r.word(0)),
    processor: high(r.word(0)),
    domain: high(r.word(1)),
    unit: low(r.word(1)),
  })),
  layout(0x22a06, 0, () => ({ type: 'snull_tasklet' })),
];
