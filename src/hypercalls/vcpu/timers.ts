/** Guest timers, and the clock that they run by (F10.12, F10.13). Times in nanoseconds. */
import { VIRQ } from '../../host/constants.ts';
import { sendVcpuVirq } from '../event-channel/virq.ts';
import { type Body, refuse } from '../step.ts';
import { caller, isCaller } from '../vcpus.ts';

interface Where {
  readonly domid: number;
  readonly vcpu: number;
}
/** `timeout`: system time; `future`: refuse if it is past. */
export interface SetSingleshot extends Where {
  readonly type: 'vcpu.set_singleshot_timer';
  readonly timeout: number;
  readonly future: boolean;
}
export interface StopSingleshot extends Where {
  readonly type: 'vcpu.stop_singleshot_timer';
}
export interface SetPeriodic extends Where {
  readonly type: 'vcpu.set_periodic_timer';
  readonly period: number;
}
export interface StopPeriodic extends Where {
  readonly type: 'vcpu.stop_periodic_timer';
}
/** A timer of the vCPU is due. */
export interface TimerFires extends Where {
  readonly type: 'timer.fires';
}
/** Time goes by on the whole machine. */
export interface TimePasses {
  readonly type: 'time.passes';
  readonly ns: number;
}

/** Shortest period: 1 ms; longest: STIME_DELTA_MAX of Xen, 2^63 / 8 rounded to what is exact here. */
const MIN_PERIOD = 1_000_000;

export const setSingleshot: Body<SetSingleshot> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (!Number.isSafeInteger(e.timeout) || e.timeout < 0) return 'not enabled';
  if (e.future && e.timeout < tx.xen.now) return refuse('ETIME', `${e.timeout} is past`);
  c.v.timers.singleshot = { timeout: e.timeout };
  return null;
};

export const stopSingleshot: Body<StopSingleshot> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  c.v.timers.singleshot = null;
  return null;
};

export const setPeriodic: Body<SetPeriodic> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (!Number.isSafeInteger(e.period) || e.period < MIN_PERIOD)
    return refuse('EINVAL', `a period of ${e.period} ns`);
  c.v.timers.periodic = { period: e.period, lastEvent: tx.xen.now };
  return null;
};

export const stopPeriodic: Body<StopPeriodic> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  c.v.timers.periodic = null;
  return null;
};

/** Timers of a paused vCPU fire as well; the event waits. */
export const timerFires: Body<TimerFires> = (tx, e) => {
  const d = tx.domain(e.domid);
  const v = d?.vcpus[e.vcpu];
  if (d === undefined || v === undefined || d.dying !== 'alive') return 'not enabled';
  const { singleshot, periodic } = v.timers;
  const { now } = tx.xen;
  const periods = periodic === null ? 0 : Math.floor((now - periodic.lastEvent) / periodic.period);
  const due = singleshot !== null && singleshot.timeout <= now;
  if (!due && periods < 1) return 'not enabled';
  if (due) v.timers.singleshot = null;
  if (periodic !== null && periods >= 1) periodic.lastEvent += periods * periodic.period;
  sendVcpuVirq(tx, d, v.id, VIRQ.TIMER);
  return null;
};

export const timePasses: Body<TimePasses> = (tx, e) => {
  const end = Math.max(tx.xen.now, tx.hardware.platformTime) + e.ns;
  if (!Number.isSafeInteger(e.ns) || e.ns <= 0 || !Number.isSafeInteger(end)) return 'not enabled';
  tx.xen.now += e.ns;
  tx.hardware.platformTime += e.ns;
  return null;
};
