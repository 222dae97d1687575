/**
 * What records mean to the chart of a grant. A record says whose grant is
 * mapped or unmapped, not which: so of each granter two places are followed,
 * that of an entry which is mapped and that of one which is not, and a record
 * is of any entry that it fits. What the granter writes into an entry is in
 * no record at all.
 */
import type { AnyChart } from '../../world/chart.ts';
import type { TraceRecord } from '../../xen/trace/record.ts';
import { type Answers, type Choice, type Possible, SILENCE } from '../choice.ts';
import type { Judge } from '../divergence.ts';
import type { DomainKnown } from '../known.ts';
import { NO, YES } from '../tri.ts';
import { Bound, type Doing } from './bound.ts';

const CREATED = ['domctl.createdomain'];
/** The guest writes its entries without telling Xen, and asks for more of them. */
const WRITES = [
  SILENCE,
  'grant.setup_table',
  'grant.set_version',
  'grant.offer',
  'grant.revoke',
  'guest.invalidate-grant',
];
/** Only a grant of a whole page can be mapped first (F7.5). */
const OFFERED = {
  absent: NO,
  beyond: NO,
  invalid: NO,
  subPage: NO,
  transitive: NO,
  accepting: NO,
  transferred: NO,
};
const MAPS: Choice = ['grant.map'];
const MAPS_OFFERED: Choice = [{ event: 'grant.map', says: OFFERED }];
const UNMAPS: Choice = ['grant.unmap'];
const GOES = ['domain.kill', 'grant.unmap'];

const THERE = { absent: NO, noTable: NO, expected: NO };
const NO_PIN = {
  unmapped: YES,
  byHost: NO,
  byDevice: NO,
  byBoth: NO,
  idle: YES,
  expected: NO,
  reading: NO,
  writing: NO,
  revoked: NO,
};
/** An entry of a domain that exists, of which nothing else is known. */
const SOME: Answers = { id: -1, says: THERE };
const UNMAPPED: Answers = { id: -2, says: { ...THERE, ...NO_PIN } };
const MAPPED: Answers = { id: -3, says: { ...THERE, unmapped: NO, idle: NO } };
/** There is no such domain. */
const NOWHERE: Answers = {
  id: -4,
  says: { ...OFFERED, ...NO_PIN, absent: YES, page: NO, noTable: YES, v1: NO, v2: NO },
};

export class GrantChart {
  readonly bound: Bound;

  constructor(charts: readonly AnyChart[], judge: Judge) {
    this.bound = new Bound('grant', charts, judge);
  }

  created(record: TraceRecord, d: DomainKnown): void {
    const doing = { record, whose: `of d${d.domain}`, did: 'is created' };
    d.charts.unmapped = this.bound.step(doing, this.bound.start(NOWHERE), CREATED, UNMAPPED);
    d.charts.mapped = null;
  }

  /** One of its grants is mapped; `first`: none was before, for certain. */
  mapped(record: TraceRecord, d: DomainKnown, first: boolean): void {
    const doing = { record, whose: `of d${d.domain}`, did: 'is mapped' };
    const idle = this.bound.steps(doing, this.#unmapped(d), WRITES, UNMAPPED);
    d.charts.unmapped = idle;
    if (first) {
      d.charts.mapped = this.bound.step(doing, idle, MAPS_OFFERED, MAPPED);
      return;
    }
    const others = this.#mapped(doing, d);
    const one = this.bound.step(doing, this.bound.union(idle, others), MAPS, MAPPED);
    d.charts.mapped = this.bound.union(others, one);
  }

  /** One of its grants is unmapped; `last`: none is any more, for certain. */
  unmapped(record: TraceRecord, d: DomainKnown, last: boolean): void {
    const doing = { record, whose: `of d${d.domain}`, did: 'is unmapped' };
    const others = this.#mapped(doing, d);
    const one = this.bound.step(doing, others, UNMAPS, last ? UNMAPPED : SOME);
    d.charts.mapped = last ? null : this.bound.union(others, one);
  }

  /** It is gone, and its table with it. */
  removed(record: TraceRecord, d: DomainKnown): void {
    const doing = { record, whose: `of d${d.domain}`, did: 'goes with its domain' };
    this.bound.step(doing, this.#unmapped(d), GOES, NOWHERE);
    d.charts.unmapped = null;
    d.charts.mapped = null;
  }

  #unmapped(d: DomainKnown): Possible {
    return d.charts.unmapped ?? this.bound.start(UNMAPPED);
  }

  /** An entry that was mapped before: written to by its granter since. */
  #mapped(doing: Doing, d: DomainKnown): Possible {
    const known = d.charts.mapped ?? this.bound.start(MAPPED);
    return this.bound.steps(doing, known, WRITES, MAPPED);
  }
}
