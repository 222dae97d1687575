/** TRC_SCHED_CLASS of credit2 (scheduler id 1, 0x22200). */
import { byteOf, high, layout, low, pairAt, signed } from './layout.ts';

/** A unit packed as the schedulers do: unit in the low half, domain in the high. */
const domain = high;
const unit = low;

/** Credits and budgets are in credit2's own units, loads in its fixed point. */
export const CREDIT2_LAYOUTS = [
  layout(0x22201, 0, () => ({ type: 'csched2_tick' })),
  layout(0x22202, 2, (r) => ({
    type: 'csched2_runq_pos',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    position: r.word(1),
  })),
  layout(0x22203, 4, (r) => ({
    type: 'csched2_credit_burn',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    credit: signed(r.word(1)),
    budget: signed(r.word(2)),
    delta: signed(r.word(3)),
  })),
  layout(0x22204, 0, () => ({ type: 'csched2_credit_add' })),
  layout(0x22205, 3, (r) => ({
    type: 'csched2_tickle_check',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    credit: signed(r.word(1)),
    score: signed(r.word(2)),
  })),
  layout(0x22206, 1, (r) => ({ type: 'csched2_tickle', target: low(r.word(0)) })),
  layout(0x22207, 3, (r) => ({
    type: 'csched2_credit_reset',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    from: signed(r.word(1)),
    to: signed(r.word(2)),
  })),
  layout(0x22208, 0, () => ({ type: 'csched2_sched_tasklet' })),
  layout(0x22209, 0, () => ({ type: 'csched2_update_load' })),
  layout(0x2220a, 2, (r) => ({
    type: 'csched2_runq_assign',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    runqueue: low(r.word(1)),
  })),
  layout(0x2220b, 4, (r) => ({
    type: 'csched2_update_unit_load',
    load: pairAt(r, 0),
    domain: domain(r.word(2)),
    unit: unit(r.word(2)),
    shift: r.word(3),
  })),
  layout(0x2220c, 5, (r) => ({
    type: 'csched2_update_runq_load',
    average: pairAt(r, 0),
    balanced: pairAt(r, 2),
    load: low(r.word(4)),
    runqueue: byteOf(r.word(4), 2),
    shift: byteOf(r.word(4), 3),
  })),
  layout(0x2220d, 3, (r) => ({
    type: 'csched2_tickle_new',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    processor: r.word(1),
    credit: signed(r.word(2)),
  })),
  layout(0x2220e, 1, (r) => ({
    type: 'csched2_runq_max_weight',
    runqueue: low(r.word(0)),
    weight: high(r.word(0)),
  })),
  layout(0x2220f, 2, (r) => ({
    type: 'csched2_migrate',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    from: low(r.word(1)),
    to: high(r.word(1)),
  })),
  layout(0x22210, 2, (r) => ({
    type: 'csched2_load_check',
    local: low(r.word(0)),
    other: high(r.word(0)),
    delta: r.word(1),
  })),
  layout(0x22211, 5, (r) => ({
    type: 'csched2_load_balance',
    localLoad: pairAt(r, 0),
    otherLoad: pairAt(r, 2),
    local: low(r.word(4)),
    other: high(r.word(4)),
  })),
  layout(0x22213, 4, (r) => ({
    type: 'csched2_picked_cpu',
    balanced: pairAt(r, 0),
    domain: domain(r.word(2)),
    unit: unit(r.word(2)),
    runqueue: low(r.word(3)),
    processor: high(r.word(3)),
  })),
  layout(0x22214, 3, (r) => ({
    type: 'csched2_runq_candidate',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    tickled: signed(r.word(1)),
    credit: signed(r.word(2)),
  })),
  layout(0x22215, 2, (r) => ({
    type: 'csched2_schedule',
    processor: low(r.word(0)),
    runqueue: high(r.word(0)),
    tasklet: byteOf(r.word(1), 0),
    idle: byteOf(r.word(1), 1),
    smtIdle: byteOf(r.word(1), 2),
    tickled: byteOf(r.word(1), 3),
  })),
  layout(0x22216, 2, (r) => ({
    type: 'csched2_ratelimit',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
    ran: r.word(1),
  })),
  layout(0x22217, 1, (r) => ({
    type: 'csched2_runq_cand_check',
    domain: domain(r.word(0)),
    unit: unit(r.word(0)),
  })),
];
