/**
 * An explicit-state explorer for XState v5 machines: every state of a bounded
 * machine, the shortest trace to what should not be, and true loops for what
 * never comes.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { AnyStateMachine, ContextFrom, EventFrom } from 'xstate';
import { Exploring } from './explore.ts';
import { type Following, followTrace } from './follow.ts';
import type { ExploreOptions, Subject } from './options.ts';
import { exportPromela as promelaOf } from './promela.ts';
import type { Exploration } from './result.ts';
import type { Trace } from './trace.ts';
import type { Asked } from './workers/join.ts';
import { leanThreads, threads } from './workers/threads.ts';

export { looksLikeCheckpoint } from './checkpoint.ts';
export type { CoverageReport } from './coverage.ts';
export type { Difference, Following, Parting } from './follow.ts';
export { fromItf, type ItfTrace, toItf } from './itf.ts';
export type {
  ExploreOptions,
  Fairness,
  Predicate,
  Progress,
  Subject,
  Symmetry,
} from './options.ts';
export type { StateView } from './predicates.ts';
export type { FaultKind, Refusal } from './problem.ts';
export type { Broken, Exploration, Report } from './result.ts';
export { Series } from './series.ts';
export type { Trace, TraceState, TraceStep } from './trace.ts';

/** Options for a given machine. */
export type OptionsFor<M extends AnyStateMachine> = ExploreOptions<ContextFrom<M>, EventFrom<M>>;

/**
 * Explores a machine without a pause.
 *
 * @returns the verdict; what cannot be explored, throws or is wrongly given is
 *   a verdict too (`refused`, `error`): this function does not throw
 */
export function exploreSync<M extends AnyStateMachine>(
  machine: M,
  options: OptionsFor<M> = {},
): Exploration {
  const run = new Exploring(machine, options as unknown as ExploreOptions).run();
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Explores a machine, giving way to other work every 65,536 states or
 * `progressEvery`, or with a clock every twentieth of a second, so that
 * `signal` can end it.
 *
 * @returns as `exploreSync`; the promise is never rejected
 */
export async function explore<M extends AnyStateMachine>(
  machine: M,
  options: OptionsFor<M> = {},
): Promise<Exploration> {
  const given = options as unknown as ExploreOptions;
  const hire = given.subject && ((asked: Asked) => threads(given.subject as Subject, asked));
  const run = new Exploring(machine, given, { hire, lean: leanThreads }).run();
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
    await (step.value ?? new Promise((resolve) => setImmediate(resolve)));
  }
}

/**
 * Whether a trace, for example one of `fromItf`, is a run of the machine
 * under the given events, step by step, states and all.
 *
 * @returns `run`, or where the trace parts from the machine: the step, what the
 *   machine allows there, and in what the states differ; never throws
 */
export function follow<M extends AnyStateMachine>(
  machine: M,
  trace: Trace,
  options: OptionsFor<M> = {},
): Following {
  return followTrace(machine, options as unknown as ExploreOptions, trace);
}

/**
 * A machine as a Promela model for SPIN, with an assertion for each invariant
 * in `always`; the events must be a list.
 *
 * @returns left with the reason if the machine cannot be explored whole
 */
export function exportPromela<M extends AnyStateMachine>(
  machine: M,
  options: OptionsFor<M> = {},
): Either<string, string> {
  return promelaOf(machine, options as unknown as ExploreOptions);
}
