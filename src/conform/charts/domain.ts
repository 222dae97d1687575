/** What records mean to the chart of a domain. */
import type { AnyChart } from '../../world/chart.ts';
import type { TraceRecord } from '../../xen/trace/record.ts';
import { type Answers, type Choice, SILENCE } from '../choice.ts';
import type { Judge } from '../divergence.ts';
import { HOLD, mayRun } from '../holds.ts';
import type { Asleep } from '../host-known.ts';
import type { DomainKnown } from '../known.ts';
import { NO, YES } from '../tri.ts';
import { Bound } from './bound.ts';
import { domainAnswers } from './domain-answers.ts';
import { ANYWHERE } from './interned.ts';

// One array for each choice of events: followers know them by identity.
const CREATED = ['domctl.createdomain'];
const SILENT = [SILENCE];
/** A nested pause that is taken back wakes nobody (F2.18). */
const NESTED = [SILENCE, 'domctl.unpausedomain'];
/** domain_resume, which a soft reset ends with (F2.26, F5.7). */
const RESUMES = [
  SILENCE,
  'domctl.unpausedomain',
  'domctl.resumedomain',
  'domctl.soft_reset',
  'domctl.soft_reset-continue',
];
const KILLS = [SILENCE, 'domain.kill'];
/** A destroydomain that no record tells of. */
const UNSEEN_KILLS = [SILENCE, 'domctl.destroydomain', 'domain.kill'];
const SHUTS_DOWN = ['sched.shutdown'];
const STORES_CODE = ['sched.shutdown_code'];
/** In a domctl, the end of domain_kill may drop the last reference, or what it ends elsewhere. */
const LAST_IN_DOMCTL = ['domain.kill', 'grant.unmap'];
/** In another call anything else may: an unmap, a page table that goes, RCU. */
const LAST_ELSEWHERE = ['grant.unmap'];
const FREED: Choice = [{ event: 'rcu.run', says: { destroyed: NO, absent: YES } }];

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
const sleepEvents = chosen([
  SILENCE,
  'domctl.resumedomain',
  'domctl.soft_reset',
  'domctl.soft_reset-continue',
]);

/** There is no such domain. */
const NOWHERE: Answers = {
  id: -2,
  says: { absent: YES, alive: NO, dying: NO, zombie: NO, destroyed: NO },
};

export class DomainChart {
  readonly bound: Bound;

  constructor(charts: readonly AnyChart[], judge: Judge) {
    this.bound = new Bound('domain', charts, judge);
  }

  created(record: TraceRecord, d: DomainKnown): void {
    // An id that is given away again before RCU has freed its last domain is another instance.
    d.charts.domain = this.bound.start(NOWHERE);
    this.#step(record, d, CREATED, 'is created');
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
      this.#step(record, d, SHUTS_DOWN, 'shuts down');
      return;
    }
    if (mayRun(v.holds)) {
      this.#step(record, d, wasFree ? SILENT : sleepEvents(kinds), did);
      return;
    }
    if (!wasFree) this.#steps(record, d, NESTED, did);
    this.#step(record, d, wasFree ? stayEvents(kinds) : sleepEvents(kinds), did);
    if ((kinds & HOLD.dying) !== 0) this.#steps(record, d, KILLS, did);
  }

  /** A WAKE that may be the end of a pause; or of a `resume`, which paused it in the same call. */
  woken(record: TraceRecord, d: DomainKnown, resume: boolean): void {
    this.#steps(record, d, resume ? RESUMES : NESTED, 'is woken');
  }

  /** One of its vCPUs is found free. */
  free(record: TraceRecord, d: DomainKnown): void {
    this.#step(record, d, SILENT, 'runs');
  }

  storesCode(record: TraceRecord, d: DomainKnown): void {
    this.#step(record, d, STORES_CODE, 'stores a shutdown code');
  }

  /** Its last reference is about to go; `unseen`: that it was destroyed is in no record. */
  removing(record: TraceRecord, d: DomainKnown, unseen: boolean): void {
    if (unseen) this.#steps(record, d, UNSEEN_KILLS, 'is destroyed');
  }

  removed(record: TraceRecord, d: DomainKnown, inDomctl: boolean): void {
    const by = inDomctl ? LAST_IN_DOMCTL : LAST_ELSEWHERE;
    this.#step(record, d, by, 'loses its last reference');
  }

  freed(record: TraceRecord, d: DomainKnown): void {
    this.#step(record, d, FREED, 'is freed');
  }

  #step(record: TraceRecord, d: DomainKnown, events: Choice, did: string): void {
    const doing = { record, whose: `d${d.domain}`, did };
    const from = d.charts.domain ?? this.bound.start(ANYWHERE);
    d.charts.domain = this.bound.step(doing, from, events, domainAnswers(d));
  }

  #steps(record: TraceRecord, d: DomainKnown, events: Choice, did: string): void {
    const doing = { record, whose: `d${d.domain}`, did };
    const from = d.charts.domain ?? this.bound.start(ANYWHERE);
    d.charts.domain = this.bound.steps(doing, from, events, domainAnswers(d));
  }
}
