/**
 * What must come at last. A property fails if some fair run goes on for ever,
 * or ends, without what was promised: the states without it, reached from
 * where the promise was made, hold a fair loop or a state with no step out.
 */
import { components, type Graph, OUTSIDE } from './components.ts';
import { type FairLoop, fairLoop, walkLoop } from './fairness.ts';
import type { ExploreOptions, Predicate } from './options.ts';
import { Question } from './predicates.ts';
import type { Broken } from './result.ts';
import type { Search } from './search.ts';
import { pathTo } from './trace.ts';

/** A run that breaks a property. */
export interface Counterexample {
  readonly property: Broken;
  readonly path: readonly number[];
  /** Index of the first step that repeats; all steps if the run ends. */
  readonly loop: number;
  readonly via: readonly (number | undefined)[];
}

/** The part of the state graph in which a promise is still open. */
export interface OpenGraph extends Graph {
  /** Per edge: the number of the event. */
  readonly event: Uint32Array;
  /** Per node: the number of the state. */
  readonly state: readonly number[];
  /** Per node: the node it was reached from, or OUTSIDE. */
  readonly from: readonly number[];
}

/** The first property that a fair run breaks. */
export function* judgeLiveness(
  search: Search,
  options: ExploreOptions,
): Generator<undefined, Counterexample | undefined> {
  const { engine } = search;
  const ask = (name: string, predicate: Predicate) =>
    new Question(engine, name, (state) => predicate(state) === true, String);
  const promises = [
    ...Object.entries(options.eventually ?? {}).map(([name, to]) => ({
      property: { kind: 'eventually', name } as const,
      from: undefined,
      to: ask(name, to),
    })),
    ...Object.entries(options.leadsTo ?? {}).map(([name, { from, to }]) => ({
      property: { kind: 'leadsTo', name } as const,
      from: ask(name, from),
      to: ask(name, to),
    })),
  ];
  for (const { property, from, to } of promises) {
    const kept = new Uint8Array(search.store.count);
    const starts: number[] = [];
    for (let state = 0; state < kept.length; state++) {
      search.fit(state);
      if (to.of(search.v)) kept[state] = 1;
      else if (from === undefined ? state === 0 : from.of(search.v)) starts.push(state);
      if (state % 65_536 === 65_535) yield undefined;
    }
    const graph = yield* openGraph(search, kept, starts);
    const broken = breach(graph, search, options);
    if (broken !== undefined) return { property, ...broken };
  }
  return undefined;
}

/** The states in which the promise is open, and the steps out of them. */
function* openGraph(
  search: Search,
  kept: Uint8Array,
  starts: readonly number[],
): Generator<undefined, OpenGraph> {
  const state = [...starts];
  const from = starts.map(() => OUTSIDE);
  const nodeOf = new Map(starts.map((number, node) => [number, node]));
  const first: number[] = [];
  const target: number[] = [];
  const event: number[] = [];
  for (let node = 0; node < state.length; node++) {
    first.push(target.length);
    search.successors(state[node] as number, (number, next) => {
      event.push(number);
      if (kept[next] === 1) {
        target.push(OUTSIDE);
        return;
      }
      let to = nodeOf.get(next);
      if (to === undefined) {
        to = state.push(next) - 1;
        from.push(node);
        nodeOf.set(next, to);
      }
      target.push(to);
    });
    if (node % 16_384 === 16_383) yield undefined;
  }
  first.push(target.length);
  return {
    first: Uint32Array.from(first),
    target: Uint32Array.from(target),
    event: Uint32Array.from(event),
    state,
    from,
  };
}

/** An end or a fair loop in an open graph. */
function breach(
  graph: OpenGraph,
  search: Search,
  options: ExploreOptions,
): Omit<Counterexample, 'property'> | undefined {
  const { first, state } = graph;
  for (let node = 0; node < state.length; node++) {
    if (first[node] === first[node + 1]) {
      const path = wayTo(graph, search, node);
      return { path, loop: path.length - 1, via: [] };
    }
  }
  const inside = new Int32Array(state.length);
  let found: FairLoop | undefined;
  const { events } = search.engine;
  const typeOf = (edge: number) => events[graph.event[edge] as number]?.type ?? '';
  const all = state.keys();
  components(graph, inside, 0, all, (component) => {
    found ??= fairLoop(graph, component, options.fairness ?? {}, typeOf);
  });
  if (found === undefined) return undefined;
  const head = found.nodes.reduce((a, b) => Math.min(a, b));
  const path = wayTo(graph, search, head);
  const loop = path.length - 1;
  const via: (number | undefined)[] = path.map(() => undefined);
  for (const { edge, node } of walkLoop(graph, found, head)) {
    path.push(state[node] as number);
    via.push(graph.event[edge]);
  }
  return { path, loop, via };
}

/** The states from the first one to a node of the open graph. */
function wayTo(graph: OpenGraph, search: Search, node: number): number[] {
  const open: number[] = [];
  for (let at = node; at !== OUTSIDE; at = graph.from[at] as number) open.push(at);
  const start = graph.state[open.at(-1) as number] as number;
  const rest = open.slice(0, -1).reverse();
  return [...pathTo(search, start), ...rest.map((at) => graph.state[at] as number)];
}
