/**
 * What records mean to the chart of a preempted hypercall. Which domctl an
 * entry is, and whether it is one that goes on, is in no record; that a domain
 * was destroyed by a call, and that the call was over when the creation's
 * reference went, is certain at its end. So an instance is the call that a
 * domain was destroyed by, and it is followed from there.
 */
import type { AnyChart } from '../../world/chart.ts';
import type { TraceRecord } from '../../xen/trace/record.ts';
import { type Answers, SILENCE } from '../choice.ts';
import type { Judge } from '../divergence.ts';
import type { DomainKnown } from '../known.ts';
import { NO, YES } from '../tri.ts';
import { Bound } from './bound.ts';

const ASKS = ['domctl.destroydomain'];
const ENDS = ['domain.kill'];
/** Where it may have been asked for before the trace began. */
const PERHAPS = [SILENCE, ...ASKS, ...ENDS];

/** Nothing of a call is left over: it has not begun, or it has returned. */
const NONE: Answers = {
  id: -2,
  says: { none: YES, preempted: NO, destroydomain: NO, plain: YES, gone: NO },
};
/** The caller stands at destroydomain. */
const DESTROYING: Answers = {
  id: -3,
  says: { none: NO, preempted: YES, destroydomain: YES, plain: NO, gone: NO },
};

/** The caller is there; what it does is not known. */
const CALLER: Answers = { id: -4, says: { gone: NO } };

export class HypercallChart {
  readonly bound: Bound;

  constructor(charts: readonly AnyChart[], judge: Judge) {
    this.bound = new Bound('hypercall', charts, judge);
  }

  /** A domain's last reference goes: so a destroydomain of it has returned (F2.7, F4.1). */
  removed(record: TraceRecord, d: DomainKnown): void {
    const doing = { record, whose: `that ends d${d.domain}`, did: 'the domain goes' };
    if (!d.wasAlive) {
      this.bound.steps(doing, this.bound.start(CALLER), PERHAPS, CALLER);
      return;
    }
    const asked = this.bound.step(doing, this.bound.start(NONE), ASKS, DESTROYING);
    this.bound.step(doing, asked, ENDS, NONE);
  }
}
