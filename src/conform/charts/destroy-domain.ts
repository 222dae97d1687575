/**
 * What records mean to the chart of a domain's end: that it was asked for,
 * that every phase is over when the last reference goes, and what held it
 * until then. How far domain_kill has come is in no record: from the SLEEP of
 * a call that may be destroydomain on, every phase is possible.
 */
import { NEW_TEARDOWN } from '../../design/versions.ts';
import type { AnyChart } from '../../world/chart.ts';
import type { TraceRecord } from '../../xen/trace/record.ts';
import { type Answers, type Choice, SILENCE } from '../choice.ts';
import type { Judge } from '../divergence.ts';
import { HOLD, mayRun } from '../holds.ts';
import type { Asleep } from '../host-known.ts';
import type { DomainKnown } from '../known.ts';
import { NO, type Tri, YES } from '../tri.ts';
import { Bound } from './bound.ts';
import { isAlive } from './domain-answers.ts';
import { ANYWHERE, Interned, noIf } from './interned.ts';

const SILENT = [SILENCE];
/** What the chart may say of a domain that domain_kill is at. */
const PHASES: readonly string[] = [...NEW_TEARDOWN, 'finishing'];
/** Only the call that finds it alive pauses it (F2.7): then no phase is done yet. */
const BEGUN = {
  untouched: NO,
  reentered: YES,
  unattended: NO,
  ...Object.fromEntries(PHASES.map((phase, n) => [phase, n === 0 ? YES : NO])),
};
const PERHAPS_ASKED: Choice = [SILENCE, { event: 'domctl.destroydomain', says: BEGUN }];
const KILLS = [SILENCE, 'domain.kill'];
const UNSEEN_KILLS = [SILENCE, 'domctl.destroydomain', 'domain.kill'];
const OVER = { untouched: NO };
/** In a domctl, the end of domain_kill may drop the last reference, or what it ends elsewhere. */
const LAST_IN_DOMCTL: Choice = [
  { event: 'domain.kill', says: OVER },
  { event: 'grant.unmap', says: OVER },
];
/** In another call it is not domain_kill: that was over before, and the domain a zombie. */
const LAST_ELSEWHERE: Choice = [{ event: 'grant.unmap', says: OVER }];

/** There is no such domain. */
const NOWHERE: Answers = { id: -2, says: { untouched: YES, dying: NO, zombie: NO } };

const known = new Interned();

const answersOf = (d: DomainKnown): Answers => {
  const alive = isAlive(d);
  const unmapped = d.mappedAtMost === 0;
  return known.of([d.exists, alive, unmapped].join(), () => {
    const gone = d.exists === NO;
    const there: Tri = noIf(gone || alive === YES);
    return {
      untouched: gone || alive === YES ? YES : noIf(alive === NO),
      dying: there,
      zombie: there,
      granted: noIf(unmapped),
      out: gone ? YES : noIf(d.exists === YES),
    };
  });
};

export class DestroyDomainChart {
  readonly bound: Bound;

  constructor(charts: readonly AnyChart[], judge: Judge) {
    this.bound = new Bound('destroy-domain', charts, judge);
  }

  /** Another instance, even of an id that a domain had before. */
  created(d: DomainKnown): void {
    d.charts.destroy = this.bound.start(NOWHERE);
  }

  /** The call is over in which it was put to sleep. */
  fellAsleep(record: TraceRecord, { domain: d, vcpu: v, kinds, wasFree }: Asleep): void {
    if ((kinds & HOLD.dying) === 0 || (wasFree && mayRun(v.holds))) return;
    const did = 'is put to sleep';
    this.#step(record, d, PERHAPS_ASKED, did);
    this.#steps(record, d, KILLS, did);
  }

  /** One of its vCPUs is found free. */
  free(record: TraceRecord, d: DomainKnown): void {
    this.#step(record, d, SILENT, 'runs');
  }

  /** Its last reference is about to go; `unseen`: that it was destroyed is in no record. */
  removing(record: TraceRecord, d: DomainKnown, unseen: boolean): void {
    if (unseen) this.#steps(record, d, UNSEEN_KILLS, 'is destroyed');
  }

  removed(record: TraceRecord, d: DomainKnown, inDomctl: boolean): void {
    const by = inDomctl ? LAST_IN_DOMCTL : LAST_ELSEWHERE;
    this.#step(record, d, by, 'loses its last reference');
  }

  #step(record: TraceRecord, d: DomainKnown, events: Choice, did: string): void {
    const doing = { record, whose: `d${d.domain}`, did };
    const from = d.charts.destroy ?? this.bound.start(ANYWHERE);
    d.charts.destroy = this.bound.step(doing, from, events, answersOf(d));
  }

  #steps(record: TraceRecord, d: DomainKnown, events: Choice, did: string): void {
    const doing = { record, whose: `d${d.domain}`, did };
    const from = d.charts.destroy ?? this.bound.start(ANYWHERE);
    d.charts.destroy = this.bound.steps(doing, from, events, answersOf(d));
  }
}
