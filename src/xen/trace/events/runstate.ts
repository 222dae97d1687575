/** TRC_SCHED_MIN: which vCPU runs where. */
import type { TraceRecord } from '../record.ts';
import { high, layout, low } from './layout.ts';

/** RUNSTATE_* of public/vcpu.h, in the order of their numbers. */
const RUNSTATES = ['running', 'runnable', 'blocked', 'offline'] as const;
/** TRC_SCHED_RUNSTATE_CHANGE without the two states in bits 8-9 and 4-5. */
const RUNSTATE_CHANGE = 0x0002_1001;
const STATE_BITS = 0x330;

/** TRC_SCHED_CONTINUE_RUNNING. */
export const CONTINUE_RUNNING = 0x0002_1002;

/** Whether `event` is a runstate change, of whichever states. */
export const isRunstateChange = (event: number): boolean =>
  (event & ~STATE_BITS) === RUNSTATE_CHANGE;

/** Number of the state left: 0 running, 1 runnable, 2 blocked, 3 offline. */
export const oldState = (event: number): number => (event >>> 8) & 3;

/** Number of the state entered. */
export const newState = (event: number): number => (event >>> 4) & 3;

/** A vCPU went from one runstate to another. */
const readRunstateChange = (r: TraceRecord) => ({
  type: 'runstate_change' as const,
  domain: high(r.word(0)),
  vcpu: low(r.word(0)),
  from: RUNSTATES[oldState(r.event)]!,
  to: RUNSTATES[newState(r.event)]!,
});

const changes = RUNSTATES.flatMap((_, from) =>
  RUNSTATES.map((__, to) =>
    layout(RUNSTATE_CHANGE | (from << 8) | (to << 4), 1, readRunstateChange),
  ),
);

export const RUNSTATE_LAYOUTS = [
  ...changes,
  /** The scheduler ran and chose the vCPU that was running. */
  layout(CONTINUE_RUNNING, 1, (r) => ({
    type: 'sched_continue_running',
    domain: high(r.word(0)),
    vcpu: low(r.word(0)),
  })),
];
