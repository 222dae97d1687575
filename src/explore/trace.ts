/** The way to a state, as events and states of the machine. */
import type { Engine } from './engine.ts';
import { Fault } from './problem.ts';
import type { Search } from './search.ts';
import { MAX_SLOTS } from './slots.ts';
import { NO_STATE } from './store.ts';
import type { EventObject } from './xstate.ts';

/** A state as a plain value. */
export interface TraceState {
  readonly value: unknown;
  readonly context: unknown;
  /** Per history node that remembers something: the ids of the states. */
  readonly history: Readonly<Record<string, readonly string[]>>;
  readonly status: string;
  readonly output: unknown;
}

/** One step: the event taken and the state it led to. */
export interface TraceStep {
  readonly event: EventObject;
  readonly state: TraceState;
}

/** A run from the first state; with `loop`, one that never ends. */
export interface Trace {
  readonly start: TraceState;
  readonly steps: readonly TraceStep[];
  /**
   * The steps from this index on repeat for ever. Equal to the number of steps
   * if the run ends in a state where nothing more happens.
   */
  readonly loop?: number;
}

/** A state as a plain value that shares nothing with the exploration. */
export function stateOf(engine: Engine, v: Int32Array): TraceState {
  const { chart, control } = engine;
  const history = Object.entries(chart.historyOf(v)).map(
    ([id, nodes]) => [id, nodes.map((node) => node.id)] as const,
  );
  return {
    value: chart.valueOf(v),
    context: engine.context.materialise(v),
    history: Object.fromEntries(history),
    status: control.statusOf(v),
    output: control.outputOf(v),
  };
}

/** The numbers of the states from the first one to `state`. */
export function pathTo(search: Search, state: number): number[] {
  const path: number[] = [];
  const { parents } = search.store;
  for (let at = state; at !== NO_STATE; at = parents[at] as number) path.push(at);
  return path.reverse();
}

/**
 * The run along states that follow each other.
 *
 * @param path numbers of states; the first one is state 0
 * @param loop index of the first step that repeats
 * @param via numbers of events, where it matters which one leads to path[i]
 */
export function traceAlong(
  search: Search,
  path: readonly number[],
  loop?: number,
  via: readonly (number | undefined)[] = [],
): Trace {
  const { engine } = search;
  let v = search.first.slice();
  const start = stateOf(engine, v);
  const steps: TraceStep[] = [];
  for (const [i, state] of path.entries()) {
    if (i === 0) continue;
    const event = stepTo(search, v, state, via[i]);
    if (event === undefined) {
      throw new Fault('internal', 'trace', `no event leads to state ${state} again`);
    }
    v = engine.scratch.slice();
    steps.push({ event, state: stateOf(engine, v) });
  }
  return loop === undefined ? { start, steps } : { start, steps, loop };
}

/** The first event that leads from `v` to a state; the result is in scratch. */
function stepTo(
  search: Search,
  v: Int32Array,
  state: number,
  only: number | undefined,
): EventObject | undefined {
  const { engine, store, watch } = search;
  const normal = new Int32Array(MAX_SLOTS);
  engine.forget();
  for (const number of watch.offered(v)) {
    if (only !== undefined && number !== only) continue;
    if (!engine.work(v, number)) continue;
    normal.set(engine.scratch);
    watch.normalise?.(normal);
    store.layout.pack(normal, store.probe, 0);
    if (store.find() === state) return engine.events[number];
  }
  return undefined;
}
