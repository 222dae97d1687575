/**
 * What microsteps do to the control of a machine, and which assigns they call
 * for: XState makes each one once, for all states that it cannot tell apart.
 */
import type { ContextTree } from './context.ts';
import type { Control } from './control.ts';
import {
  type AssignCall,
  type Instrument,
  type Mode,
  needsContext,
  type Step,
} from './instrument.ts';
import type { Learned, Learner } from './learner.ts';
import { type Observation, observe } from './observe.ts';
import type { EventObject, Snapshot, Transition } from './xstate.ts';

/** A microstep as data. */
export interface Plan {
  /** Slot and id in turn. */
  readonly writes: readonly number[];
  readonly assigns: readonly AssignCall[];
  readonly raised: readonly EventObject[];
  /** XState gave back the same snapshot: it looks for no eventless transition. */
  readonly same: boolean;
}

/** A step and the snapshot that it was made from. */
interface Made {
  readonly before: Snapshot;
  readonly step: Step;
}

export class Plans {
  private readonly control: Control;
  private readonly context: ContextTree;
  private readonly instrument: Instrument;
  private readonly learner: Learner;
  private readonly plans = new Map<EventObject, Map<string | number, Learned<Plan>>>();

  constructor(control: Control, context: ContextTree, instrument: Instrument, learner: Learner) {
    this.control = control;
    this.context = context;
    this.instrument = instrument;
    this.learner = learner;
  }

  /** What a microstep does. */
  plan(v: Int32Array, event: EventObject, taken: readonly Transition[]): Plan {
    let perEvent = this.plans.get(event);
    if (perEvent === undefined) {
      perEvent = new Map();
      this.plans.set(event, perEvent);
    }
    const { numberOf } = this.control.chart;
    const key =
      taken.length === 1
        ? (numberOf.get(taken[0] as Transition) as number)
        : taken.map((t) => numberOf.get(t)).join();
    let question = perEvent.get(key);
    if (question === undefined) {
      question = this.learner.question();
      perEvent.set(key, question);
    }
    return this.learner.ask(question, v, (plainOnly) => this.learnPlan(v, event, taken, plainOnly));
  }

  private learnPlan(
    v: Int32Array,
    event: EventObject,
    taken: readonly Transition[],
    plainOnly: boolean,
  ): Observation<Plan> {
    for (const transition of taken)
      this.control.coverage.took(this.control.chart.numberOf.get(transition));
    try {
      return this.planIn('log', v, event, taken, plainOnly);
    } catch (problem) {
      if (problem !== needsContext) throw problem;
    }
    return this.planIn('run', v, event, taken, plainOnly);
  }

  /**
   * Learns a microstep. In the usual case nothing but assigns looks at what
   * assigns wrote: then `log` leaves them out, to be learned one by one.
   */
  private planIn(
    mode: Mode,
    v: Int32Array,
    event: EventObject,
    taken: readonly Transition[],
    plainOnly: boolean,
  ): Observation<Plan> {
    const { context } = this;
    const { tracker } = this.learner;
    const run = (copy: unknown): Made => {
      const before = this.control.snapshot(v, copy);
      return { before, step: this.instrument.step(before, event, taken, mode) };
    };
    const seen = observe({
      place: taken.map((t) => `#${t.source.id} on ${t.eventType || 'always'}`).join(' + '),
      plainOnly,
      trusted: this.learner.trusting,
      context: () => context.lendFrozen(v),
      plain: run,
      tracked: () => {
        this.startReads(v, taken);
        const made = run(context.tracked());
        this.finishReads(made.step, taken);
        return made;
      },
      key: (made) => tracker.unlisted(() => this.keyOf(made.step, mode === 'run')),
    });
    const { before, step } = seen.value;
    const writes: number[] = [];
    this.control.writeStep(v, before, step, (slot, id) => writes.push(slot, id));
    if (mode === 'run') {
      context.absorb(step.next.context, (slot, id) => writes.push(slot, id));
    }
    const plan: Plan = {
      writes,
      same: step.same,
      raised: step.raised.map((one) => this.control.intern(context.plainOf(one) as EventObject)),
      assigns: step.assigns.map((call) => ({ ...call, params: context.plainOf(call.params) })),
    };
    return { value: plan, tracked: seen.tracked };
  }

  private startReads(v: Int32Array, taken: readonly Transition[]): void {
    this.learner.tracker.begin(v);
    const read = (slot: number) => this.learner.tracker.read(slot);
    // The output of a machine that is done already goes through the step.
    if (read(this.control.status.slot) !== 0) read(this.control.output.slot);
    this.control.reads.ofTransitions(taken, read);
    if (read(this.control.entered.slot) !== 0 || this.control.keepOrder)
      this.instrument.readAllRegions();
  }

  private finishReads(step: Step, taken: readonly Transition[]): void {
    const read = (slot: number) => this.learner.tracker.read(slot);
    const active = new Set(step.next._nodes);
    this.control.reads.ofResult(taken, active, step.next.status === 'done', read);
  }

  private keyOf(step: Step, withContext: boolean): string {
    const { next, raised, same, assigns } = step;
    const plain = (value: unknown) => this.context.keyOf(value, 'a result');
    return [
      next._nodes.map((node) => node.order).join(),
      next.status,
      plain(next.output),
      ...raised.map(plain),
      String(same),
      String(assigns.length),
      ...assigns.map((call) => plain(call.params)),
      withContext ? plain(next.context) : '',
    ].join('|');
  }
}
