/** Follows a trace that somebody gives, and says where the machine would not go along. */

import type { ExploreOptions } from './options.ts';
import { type Prepared, prepare } from './prepare.ts';
import { Fault, type FaultKind, messageOf, type Refusal, Unexplorable } from './problem.ts';
import { refusalsOf } from './refuse.ts';
import { stateOf, type Trace, type TraceState } from './trace.ts';
import { canonical } from './values.ts';
import { type EventObject, isMachine, type Machine } from './xstate.ts';

/** One place of a state of which machine and trace do not say the same. */
export interface Difference {
  /** `context.votes.2`, `value`, `history.#door.h`. */
  readonly place: string;
  /** Both undefined stands for a place that is not there, or for the value. */
  readonly machine: unknown;
  readonly trace: unknown;
}

/** Why a trace stops being a run. */
export type Parting =
  /** It begins in another state. */
  | 'start'
  /** The event is none of those that the machine is given. */
  | 'no-event'
  /** The machine takes no transition for the event there. */
  | 'not-taken'
  /** The event leads to another state. */
  | 'elsewhere'
  /** The last state is not the one that the trace goes back to. */
  | 'loop';

/** What became of a trace. */
export type Following =
  | { readonly verdict: 'run'; readonly steps: number }
  | {
      readonly verdict: 'parts';
      readonly reason: Parting;
      /** Steps that the machine went along with. */
      readonly followed: number;
      /** The event of the step after these. */
      readonly event?: EventObject;
      /** Where the machine stands, or was led to by that event. */
      readonly state: TraceState;
      /** Of the events given, those that are taken where the machine stood. */
      readonly allowed: readonly EventObject[];
      readonly differences: readonly Difference[];
    }
  | {
      readonly verdict: 'error';
      readonly fault: {
        readonly kind: FaultKind;
        readonly place: string;
        readonly message: string;
      };
    }
  | { readonly verdict: 'refused'; readonly refusals: readonly Refusal[] };

/** More differences than this say no more. */
const MOST = 12;

/**
 * Whether a trace is a run of a machine under the events of `options`.
 *
 * @returns `run`, or where the two part; never throws
 */
export function followTrace(machine: unknown, options: ExploreOptions, trace: Trace): Following {
  if (!isMachine(machine)) {
    const refusals = [{ place: 'machine', reason: 'is no XState v5 machine' }];
    return { verdict: 'refused', refusals };
  }
  const refusals = refusalsOf(machine);
  if (refusals.length > 0) return { verdict: 'refused', refusals };
  try {
    return followed(machine, options, trace);
  } catch (problem) {
    if (problem instanceof Unexplorable) {
      return { verdict: 'refused', refusals: [problem.refusal] };
    }
    const { kind, place } =
      problem instanceof Fault ? problem : { kind: 'internal' as const, place: 'explorer' };
    return { verdict: 'error', fault: { kind, place, message: messageOf(problem) } };
  }
}

function followed(machine: Machine, options: ExploreOptions, trace: Trace): Following {
  const prepared = prepare(machine, options, { keepOrder: true, whole: false });
  const { engine, search } = prepared;
  let v = search.first.slice();
  const states: TraceState[] = [stateOf(engine, v)];
  const part = (
    reason: Parting,
    state: TraceState,
    differences: readonly Difference[],
    event?: EventObject,
  ): Following => ({
    verdict: 'parts',
    reason,
    followed: states.length - 1,
    state,
    allowed: reason === 'start' || reason === 'loop' ? [] : allowedIn(prepared, v),
    differences,
    ...(event === undefined ? {} : { event }),
  });
  const [start] = states as [TraceState];
  const first = differencesOf(start, trace.start);
  if (first.length > 0) return part('start', start, first);
  for (const { event, state } of trace.steps) {
    const here = states.at(-1) as TraceState;
    const number = engine.numberOf(event);
    if (!search.watch.offered(v).includes(number)) return part('no-event', here, [], event);
    const over = options.stopWhenDone === true && here.status !== 'active';
    engine.forget();
    if (over || !engine.work(v, number)) return part('not-taken', here, [], event);
    const next = engine.scratch.slice();
    const reached = stateOf(engine, next);
    const differences = differencesOf(reached, state);
    if (differences.length > 0) return part('elsewhere', reached, differences, event);
    states.push(reached);
    v = next;
  }
  const { loop } = trace;
  const last = states.at(-1) as TraceState;
  if (loop !== undefined) {
    const back = differencesOf(last, states[loop] ?? last);
    if (back.length > 0) return part('loop', last, back);
  }
  return { verdict: 'run', steps: trace.steps.length };
}

function allowedIn({ engine, search }: Prepared, v: Int32Array): EventObject[] {
  const { offered, stopWhenDone } = search.watch;
  if (stopWhenDone && engine.control.statusOf(v) !== 'active') return [];
  engine.forget();
  return [...offered(v)]
    .filter((number) => engine.work(v, number))
    .map((number) => engine.events[number] as EventObject);
}

/** Where two states differ, at most `MOST` places. */
function differencesOf(machine: TraceState, trace: TraceState): Difference[] {
  const differences: Difference[] = [];
  const text = (value: unknown) => canonical(value, 'the trace');
  const compare = (place: string, one: unknown, other: unknown): void => {
    if (differences.length === MOST || text(one) === text(other)) return;
    const keys = keysOf(one, other);
    if (keys === undefined) {
      differences.push({ place, machine: one, trace: other });
      return;
    }
    for (const key of keys) {
      const [mine, theirs] = [one, other].map((all) => (all as Record<string, unknown>)[key]);
      const inBoth = [one, other].every((all) => Object.hasOwn(all as object, key));
      if (inBoth) compare(`${place}.${key}`, mine, theirs);
      else if (differences.length < MOST) {
        differences.push({ place: `${place}.${key}`, machine: mine, trace: theirs });
      }
    }
  };
  const sorted = ({ history }: TraceState) =>
    Object.fromEntries(
      Object.entries(history).map(([id, ids]) => [id, Array.isArray(ids) ? [...ids].sort() : ids]),
    );
  compare('value', machine.value, trace.value);
  compare('context', machine.context, trace.context);
  compare('history', sorted(machine), sorted(trace));
  compare('status', machine.status, trace.status);
  compare('output', machine.output, trace.output);
  return differences;
}

/** The keys of both, if both are records or both lists; undefined if they are to be told whole. */
function keysOf(one: unknown, other: unknown): readonly string[] | undefined {
  const isPlain = (value: unknown): value is object =>
    Array.isArray(value) ||
    (typeof value === 'object' &&
      value !== null &&
      [Object.prototype, null].includes(Object.getPrototypeOf(value)));
  if (!isPlain(one) || !isPlain(other) || Array.isArray(one) !== Array.isArray(other)) {
    return undefined;
  }
  return [...new Set([...Object.keys(one), ...Object.keys(other)])];
}
