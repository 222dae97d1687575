/**
 * What records mean to the charts of `machines/`: for each thing that a trace
 * tells, the events by which a chart may have taken it, all of them followed.
 */
import type { AnyChart } from '../world/chart.ts';
import type { TraceRecord } from '../xen/trace/record.ts';
import { answering } from './answers.ts';
import type { Judge } from './divergence.ts';
import {
  type Answers,
  ChartFollower,
  type Choice,
  NOTHING,
  type Possible,
  SILENCE,
} from './follow.ts';
import { HOLD, mayRun } from './holds.ts';
import type { Asleep, HostKnown } from './host-known.ts';
import { type DomainKnown, NO, type VcpuKnown, YES } from './known.ts';

// One array for each choice of events: followers know them by identity.
const CREATED = ['domctl.createdomain'];
const VCPU_CREATED = ['domctl.max_vcpus'];
const SILENT = [SILENCE];
/** A nested pause that is taken back wakes nobody (F2.18). */
const NESTED = [SILENCE, 'domctl.unpausedomain'];
const RESUMES = [SILENCE, 'domctl.unpausedomain', 'domctl.resumedomain'];
const KILLS = [SILENCE, 'domain.kill'];
const SHUTS_DOWN = ['sched.shutdown'];
const STORES_CODE = ['sched.shutdown_code'];
/** What drops the last reference is not said: an unmap, the end of domain_kill, ... */
const LAST_REFERENCE = ['domain.kill', 'grant.unmap'];
const RCU_RUNS = ['rcu.run'];
const FREED: Choice = [{ event: 'rcu.run', says: { destroyed: NO, absent: YES } }];
const BLOCKS = ['sched.block', 'sched.poll'];
/** SCHEDOP_block and SCHEDOP_poll, where the record of the call says which. */
const BLOCKS_BY = new Map([
  [1, ['sched.block']],
  [3, ['sched.poll']],
]);
const EVENT = ['evtchn.send'];
const COMES_UP = [SILENCE, 'domctl.setvcpucontext', 'vcpu.up', 'tasklet.run'];
const RESUMED = [SILENCE, 'domctl.resumedomain', 'tasklet.run'];
const VCPU_SLEEPS = [
  SILENCE,
  'sched.shutdown',
  'sched.remote_shutdown',
  'vcpu.down',
  'sysctl.cpu_hotplug',
];

/** What puts a domain to sleep for good, by the hold that it leaves. */
const REASONS: readonly (readonly [number, Choice[number]])[] = [
  [HOLD.paused, { event: 'domctl.pausedomain', says: { running: NO, released: NO } }],
  [HOLD.dying, { event: 'domctl.destroydomain', says: { alive: NO } }],
  [HOLD.shutdown, { event: 'sched.remote_shutdown', says: { up: NO } }],
  [HOLD.down, { event: 'vcpu.down', says: {} }],
  // What a vCPU's own call holds is no matter of its domain's.
  [HOLD.deferred, SILENCE],
];

/** A choice of events for each choice of reasons, made once. */
const chosen = (always: Choice): ((kinds: number) => Choice) => {
  const known = new Map<number, Choice>();
  return (kinds) => {
    const before = known.get(kinds);
    if (before !== undefined) return before;
    const events = REASONS.filter(([k]) => (kinds & k) !== 0).map(([, event]) => event);
    const made = [...new Set([...always, ...events])];
    known.set(kinds, made);
    return made;
  };
};

/** What may be behind a SLEEP that stays. */
const stayEvents = chosen([]);
/** The same, or a short pause of a domain that is held anyway, or a resume. */
const sleepEvents = chosen([SILENCE, 'domctl.resumedomain']);

/** Nothing is known. */
const ANYWHERE: Answers = { id: -1, says: {} };
/** There is no such domain or vCPU. */
const NOWHERE: Answers = {
  id: -1,
  says: { absent: YES, alive: NO, dying: NO, zombie: NO, destroyed: NO, present: NO },
};

/** A vCPU that was made just now. */
const NEWBORN_VCPU: Answers = {
  id: -2,
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

export class Machines {
  readonly followers: readonly ChartFollower[];
  readonly #host: HostKnown;
  readonly #judge: Judge;
  readonly #domain: ChartFollower | undefined;
  readonly #vcpu: ChartFollower | undefined;
  readonly #rcu: ChartFollower | undefined;

  constructor(host: HostKnown, judge: Judge, charts: readonly AnyChart[]) {
    this.#host = host;
    this.#judge = judge;
    this.followers = charts
      .filter(({ name }) => name === 'domain' || name === 'vcpu' || name === 'rcu')
      .map((chart) => new ChartFollower(chart));
    const named = (name: string) => this.followers.find((f) => f.chart.name === name);
    this.#domain = named('domain');
    this.#vcpu = named('vcpu');
    this.#rcu = named('rcu');
  }

  created(record: TraceRecord, d: DomainKnown): void {
    const f = this.#domain;
    if (f !== undefined) {
      // An id that is given away again before RCU has freed its last domain is another instance.
      const absent = f.start(NOWHERE);
      const to = f.step(absent, CREATED, answering.domain(d));
      d.chart = this.#moved(record, f, to, `d${d.domain}`, 'is created', absent);
    }
    d.fresh = false;
  }

  /**
   * A SLEEP of a vCPU, by its domain's own SCHEDOP_shutdown or else; what its
   * domain makes of it is known when the call is over.
   */
  slept(record: TraceRecord, v: VcpuKnown, shutsDown: boolean): void {
    this.#vcpuStep(record, v, shutsDown ? SHUTS_DOWN : VCPU_SLEEPS, 'is put to sleep');
  }

  /**
   * The call is over in which a domain was put to sleep. A pause that the call
   * took back itself has left nothing behind; one that stays must have been
   * one of those that do.
   */
  fellAsleep(record: TraceRecord, asleep: Asleep): void {
    const { domain: d, vcpu: v, kinds, wasFree } = asleep;
    const did = 'is put to sleep';
    if (asleep.shutsDown) {
      this.#domainStep(record, d, SHUTS_DOWN, 'shuts down');
      return;
    }
    if (mayRun(v.holds)) {
      this.#domainStep(record, d, wasFree ? SILENT : sleepEvents(kinds), did);
      return;
    }
    if (!wasFree) this.#domainSteps(record, d, NESTED, did);
    this.#domainStep(record, d, wasFree ? stayEvents(kinds) : sleepEvents(kinds), did);
    if ((kinds & HOLD.dying) !== 0) this.#domainSteps(record, d, KILLS, did);
  }

  /** A WAKE that may be the end of a pause; or of a `resume`, which paused it in the same call. */
  woken(record: TraceRecord, d: DomainKnown, resume: boolean): void {
    this.#domainSteps(record, d, resume ? RESUMES : NESTED, 'is woken');
  }

  /** One of its vCPUs is found free. */
  free(record: TraceRecord, d: DomainKnown, v: VcpuKnown): void {
    this.#domainStep(record, d, SILENT, 'runs');
    this.#vcpuSteps(record, v, COMES_UP, 'runs');
    this.#vcpuSteps(record, v, RESUMED, 'runs');
  }

  storesCode(record: TraceRecord, d: DomainKnown): void {
    this.#domainStep(record, d, STORES_CODE, 'stores a shutdown code');
  }

  removed(record: TraceRecord, d: DomainKnown): void {
    this.#domainStep(record, d, LAST_REFERENCE, 'loses its last reference');
    for (const v of d.vcpus.values())
      this.#vcpuStep(record, v, LAST_REFERENCE, 'goes with its domain');
    this.#rcuStep(record, LAST_REFERENCE, 'a domain waits to be freed');
  }

  freed(record: TraceRecord, d: DomainKnown): void {
    if (d.exists !== YES) this.#domainStep(record, d, FREED, 'is freed');
    this.#rcuStep(record, RCU_RUNS, 'a domain is freed');
  }

  blocked(record: TraceRecord, v: VcpuKnown): void {
    this.#vcpuStep(record, v, BLOCKS_BY.get(v.schedCommand) ?? BLOCKS, 'blocks');
  }

  unblocked(record: TraceRecord, v: VcpuKnown): void {
    this.#vcpuStep(record, v, EVENT, 'is woken by an event');
  }

  #domainStep(record: TraceRecord, d: DomainKnown, events: Choice, did: string): void {
    const f = this.#domain;
    if (f === undefined) return;
    const answers = answering.domain(d);
    const from = d.chart ?? f.start(ANYWHERE);
    d.chart = this.#moved(record, f, f.step(from, events, answers), `d${d.domain}`, did, from);
  }

  #domainSteps(record: TraceRecord, d: DomainKnown, events: Choice, did: string): void {
    const f = this.#domain;
    if (f === undefined) return;
    const answers = answering.domain(d);
    const from = d.chart ?? f.start(ANYWHERE);
    d.chart = this.#moved(record, f, f.steps(from, events, answers), `d${d.domain}`, did, from);
  }

  #vcpuStep(record: TraceRecord, v: VcpuKnown, events: Choice, did: string): void {
    const f = this.#vcpu;
    if (f === undefined) return;
    const from = v.chart ?? this.#firstOf(f, v);
    v.chart = this.#moved(record, f, f.step(from, events, this.#of(v)), v.name, did, from);
  }

  #vcpuSteps(record: TraceRecord, v: VcpuKnown, events: Choice, did: string): void {
    const f = this.#vcpu;
    if (f === undefined) return;
    const from = v.chart ?? this.#firstOf(f, v);
    v.chart = this.#moved(record, f, f.steps(from, events, this.#of(v)), v.name, did, from);
  }

  /** A vCPU of a domain that was created within the trace was made with it, and is down. */
  #firstOf(f: ChartFollower, v: VcpuKnown): Possible {
    return v.newborn ? f.step(f.start(NOWHERE), VCPU_CREATED, NEWBORN_VCPU) : f.start(ANYWHERE);
  }

  #of(v: VcpuKnown): Answers {
    return answering.vcpu(v, this.#host.domain(v.domain));
  }

  #rcuStep(record: TraceRecord, events: Choice, did: string): void {
    const f = this.#rcu;
    if (f === undefined) return;
    const from = this.#host.rcu ?? f.start(ANYWHERE);
    const answers = answering.rcu(this.#host.waiting, this.#host.waitingUnknown);
    this.#host.rcu = this.#moved(record, f, f.step(from, events, answers), '', did, from);
  }

  /** Passes the possible states on, or says that there are none. */
  #moved(
    record: TraceRecord,
    f: ChartFollower,
    to: Possible,
    label: string,
    did: string,
    from: Possible,
  ): Possible {
    if (to !== NOTHING) return to;
    const { name } = f.chart;
    const states = f.statesOf(from).slice(0, 6).join(', ');
    this.#judge.diverges(record, `${name} ${label}`.trim(), `a way on from ${states}`, did, []);
    return from;
  }
}
