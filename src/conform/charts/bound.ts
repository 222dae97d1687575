/**
 * A chart that records are bound to. It takes the followed states on, or says
 * that none is left; a chart that is not there allows everything.
 */
import type { AnyChart } from '../../world/chart.ts';
import type { TraceRecord } from '../../xen/trace/record.ts';
import { type Answers, type Choice, NOTHING, type Possible } from '../choice.ts';
import type { Judge } from '../divergence.ts';
import { ChartFollower } from '../follow.ts';

/** Whose chart it is, and what Xen did, for the divergence. */
export interface Doing {
  readonly record: TraceRecord;
  /** `d1`, `d1v0`; empty where there is only one. */
  readonly whose: string;
  readonly did: string;
}

export class Bound {
  readonly follower: ChartFollower | undefined;
  readonly #judge: Judge;

  constructor(name: string, charts: readonly AnyChart[], judge: Judge) {
    const chart = charts.find((c) => c.name === name);
    this.follower = chart === undefined ? undefined : new ChartFollower(chart);
    this.#judge = judge;
  }

  /** Where an instance may stand when it is first heard of. */
  start(answers: Answers): Possible {
    return this.follower?.start(answers) ?? NOTHING;
  }

  /** One of `events` happened. */
  step(doing: Doing, from: Possible, events: Choice, answers: Answers): Possible {
    if (this.follower === undefined) return from;
    return this.#moved(doing, from, this.follower.step(from, events, answers));
  }

  /** They happened any number of times. */
  steps(doing: Doing, from: Possible, events: Choice, answers: Answers): Possible {
    if (this.follower === undefined) return from;
    return this.#moved(doing, from, this.follower.steps(from, events, answers));
  }

  /** One of two instances, it is not known which. */
  union(a: Possible, b: Possible): Possible {
    return this.follower?.union(a, b) ?? a;
  }

  /** Passes the possible states on, or says that there are none. */
  #moved({ record, whose, did }: Doing, from: Possible, to: Possible): Possible {
    if (to !== NOTHING || this.follower === undefined) return to;
    const states = this.follower.statesOf(from).slice(0, 6).join(', ');
    const subject = `${this.follower.chart.name} ${whose}`.trim();
    const allowed = states === '' ? 'no state of the chart' : `a way on from ${states}`;
    this.#judge.diverges(record, subject, allowed, did, []);
    return from;
  }
}
