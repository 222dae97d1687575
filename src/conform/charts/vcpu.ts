/** What records mean to the chart of a vCPU. */
import type { AnyChart } from '../../world/chart.ts';
import type { TraceRecord } from '../../xen/trace/record.ts';
import { type Answers, type Choice, type Possible, SILENCE } from '../choice.ts';
import type { Judge } from '../divergence.ts';
import { FREE, HOLD, type Holds, surely } from '../holds.ts';
import { BLOCKED, type DomainKnown, RUNNABLE, RUNNING, type VcpuKnown } from '../known.ts';
import { NO, type Tri, UNKNOWN, YES } from '../tri.ts';
import { Bound, type Doing } from './bound.ts';
import { ANYWHERE, noIf, not, yesIf } from './interned.ts';

const CREATED = ['domctl.max_vcpus'];
const SHUTS_DOWN = ['sched.shutdown'];
const SLEEPS = [
  SILENCE,
  'sched.shutdown',
  'sched.remote_shutdown',
  'vcpu.down',
  'sysctl.cpu_hotplug',
];
const COMES_UP = [SILENCE, 'domctl.setvcpucontext', 'vcpu.up', 'tasklet.run'];
/** A soft reset ends with a resume (F5.7). */
const RESUMED = [
  SILENCE,
  'domctl.resumedomain',
  'domctl.soft_reset',
  'domctl.soft_reset-continue',
  'tasklet.run',
];
const BLOCKS = ['sched.block', 'sched.poll'];
/** SCHEDOP_block and SCHEDOP_poll, where the record of the call says which. */
const BLOCKS_BY = new Map([
  [1, ['sched.block']],
  [3, ['sched.poll']],
]);
const EVENT = ['evtchn.send'];
const GOES = ['domain.kill', 'grant.unmap'];

/** There is no such vCPU. */
const NOWHERE: Answers = { id: -2, says: { absent: YES, present: NO } };
/** It was made just now. */
const NEWBORN: Answers = {
  id: -3,
  says: {
    present: YES,
    offline: YES,
    online: NO,
    guest: YES,
    unpaused: YES,
    parked: NO,
    loose: YES,
  },
};

const vcpuSays = (v: VcpuKnown, d: DomainKnown): Answers['says'] => {
  const onCpu = v.runstate === RUNNING || v.runstate === RUNNABLE;
  const blocked = v.runstate === BLOCKED;
  const free = v.holds === FREE;
  const down = surely(v.holds, HOLD.down);
  const upNow: Tri = onCpu || free ? YES : down ? NO : UNKNOWN;
  const elsewhere = noIf(onCpu || blocked || d.pv === YES);
  return {
    present: d.exists,
    absent: not(d.exists),
    online: upNow,
    offline: not(upNow),
    guest: noIf(blocked),
    hypercall: noIf(blocked),
    blocked: noIf(onCpu),
    polling: noIf(onCpu),
    tasklet: noIf(onCpu || blocked),
    ready: elsewhere,
    inProcess: elsewhere,
    completing: elsewhere,
    suspended: elsewhere,
    waitQueue: noIf(onCpu || blocked),
    unpaused: free ? YES : noIf(surely(v.holds, HOLD.shutdown)),
    paused: free ? NO : yesIf(surely(v.holds, HOLD.shutdown)),
    // No update is under way in a trace of one Xen.
    loose: YES,
    parked: NO,
    inStream: NO,
    made: NO,
  };
};

const answers = new Map<Holds, Map<number, Answers>>();
let made = 0;

/** What is known of a vCPU. Asked at every block and wake: no text is made of it. */
const vcpuAnswers = (v: VcpuKnown, d: DomainKnown): Answers => {
  let byState = answers.get(v.holds);
  if (byState === undefined) {
    byState = new Map();
    answers.set(v.holds, byState);
  }
  const key = ((v.runstate + 1) * 3 + (d.exists + 1)) * 3 + (d.pv + 1);
  const known = byState.get(key);
  if (known !== undefined) return known;
  const one = { id: made++, says: vcpuSays(v, d) };
  byState.set(key, one);
  return one;
};

export class VcpuChart {
  readonly bound: Bound;

  constructor(charts: readonly AnyChart[], judge: Judge) {
    this.bound = new Bound('vcpu', charts, judge);
  }

  /** A SLEEP of a vCPU, by its domain's own SCHEDOP_shutdown or else. */
  slept(record: TraceRecord, v: VcpuKnown, d: DomainKnown, shutsDown: boolean): void {
    this.#step(record, v, d, shutsDown ? SHUTS_DOWN : SLEEPS, 'is put to sleep');
  }

  /** It is found free. */
  free(record: TraceRecord, v: VcpuKnown, d: DomainKnown): void {
    this.#steps(record, v, d, COMES_UP, 'runs');
    this.#steps(record, v, d, RESUMED, 'runs');
  }

  removed(record: TraceRecord, v: VcpuKnown, d: DomainKnown): void {
    this.#step(record, v, d, GOES, 'goes with its domain');
  }

  blocked(record: TraceRecord, v: VcpuKnown, d: DomainKnown): void {
    this.#step(record, v, d, BLOCKS_BY.get(v.schedCommand) ?? BLOCKS, 'blocks');
  }

  unblocked(record: TraceRecord, v: VcpuKnown, d: DomainKnown): void {
    this.#step(record, v, d, EVENT, 'is woken by an event');
  }

  #step(record: TraceRecord, v: VcpuKnown, d: DomainKnown, events: Choice, did: string): void {
    const doing = { record, whose: v.name, did };
    const from = v.chart ?? this.#firstOf(doing, v);
    v.chart = this.bound.step(doing, from, events, vcpuAnswers(v, d));
  }

  #steps(record: TraceRecord, v: VcpuKnown, d: DomainKnown, events: Choice, did: string): void {
    const doing = { record, whose: v.name, did };
    const from = v.chart ?? this.#firstOf(doing, v);
    v.chart = this.bound.steps(doing, from, events, vcpuAnswers(v, d));
  }

  /** A vCPU of a domain that was created within the trace was made with it, and is down. */
  #firstOf(doing: Doing, v: VcpuKnown): Possible {
    return v.newborn
      ? this.bound.step(doing, this.bound.start(NOWHERE), CREATED, NEWBORN)
      : this.bound.start(ANYWHERE);
  }
}
