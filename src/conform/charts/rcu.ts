/** What records mean to the chart of RCU, of which there is one. */
import type { AnyChart } from '../../world/chart.ts';
import type { TraceRecord } from '../../xen/trace/record.ts';
import { type Answers, type Choice, SILENCE } from '../choice.ts';
import type { Judge } from '../divergence.ts';
import type { HostKnown } from '../host-known.ts';
import { NO, UNKNOWN, YES } from '../tri.ts';
import { Bound } from './bound.ts';
import { ANYWHERE, Interned, not } from './interned.ts';

const LAST_REFERENCE = ['domain.kill', 'grant.unmap'];
/**
 * The model's rcu.run runs all callbacks that wait, Xen each on the CPU that
 * queued it: the one that frees the last domain is the end of it.
 */
const RUNS = ['rcu.run'];
const RUNS_IN_PART = [SILENCE];
const PERHAPS_RUNS = [SILENCE, ...RUNS];

const known = new Interned();

/** `waiting` domains that RCU has to free, and whether there may be more. */
const rcuAnswers = ({ waiting, waitingUnknown }: HostKnown): Answers => {
  const is = waiting > 0 ? YES : waitingUnknown ? UNKNOWN : NO;
  return known.of(`${is}`, () => ({ waiting: is, quiet: not(is) }));
};

export class RcuChart {
  readonly bound: Bound;

  constructor(charts: readonly AnyChart[], judge: Judge) {
    this.bound = new Bound('rcu', charts, judge);
  }

  /** A domain's last reference is dropped. */
  removed(record: TraceRecord, host: HostKnown): void {
    this.#step(record, host, LAST_REFERENCE, 'a domain waits to be freed');
  }

  freed(record: TraceRecord, host: HostKnown): void {
    const { waiting, waitingUnknown } = host;
    const events = waiting > 0 ? RUNS_IN_PART : waitingUnknown ? PERHAPS_RUNS : RUNS;
    this.#step(record, host, events, 'a domain is freed');
  }

  #step(record: TraceRecord, host: HostKnown, events: Choice, did: string): void {
    const doing = { record, whose: '', did };
    const from = host.rcu ?? this.bound.start(ANYWHERE);
    host.rcu = this.bound.step(doing, from, events, rcuAnswers(host));
  }
}
