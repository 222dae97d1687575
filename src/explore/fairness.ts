/**
 * Loops that no fairness forbids. Weak: a fair event that is enabled all along
 * is taken. Strong: one that is enabled again and again is taken.
 */
import { components, OUTSIDE } from './components.ts';
import type { OpenGraph } from './liveness.ts';
import type { Fairness } from './options.ts';

/** A component through all of which a fair run can go for ever. */
export interface FairLoop {
  readonly nodes: readonly number[];
  /** Edges that the run has to take, nodes that it has to visit. */
  readonly edges: readonly number[];
  readonly visits: readonly number[];
}

/** What a component says about one event type. */
interface Use {
  /** An edge inside that takes it. */
  taken: number | undefined;
  /** Nodes where it is enabled. */
  readonly enabled: Set<number>;
}

/** A fair loop inside a strongly connected component. */
export function fairLoop(
  graph: OpenGraph,
  component: readonly number[],
  fairness: Fairness,
  typeOf: (edge: number) => string,
): FairLoop | undefined {
  const work: (readonly number[])[] = [component];
  for (let nodes = work.pop(); nodes !== undefined; nodes = work.pop()) {
    const members = new Set(nodes);
    const uses = new Map<string, Use>();
    let loops = false;
    for (const node of nodes) {
      for (const edge of edgesOf(graph, node)) {
        const type = typeOf(edge);
        let use = uses.get(type);
        if (use === undefined) {
          use = { taken: undefined, enabled: new Set() };
          uses.set(type, use);
        }
        use.enabled.add(node);
        const to = graph.target[edge] as number;
        if (to === OUTSIDE || !members.has(to)) continue;
        loops = true;
        use.taken ??= edge;
      }
    }
    if (!loops) continue;
    const edges: number[] = [];
    const visits: number[] = [];
    const barred = new Set<number>();
    let hopeless = false;
    for (const [type, use] of uses) {
      if (demands(fairness.strong, type)) {
        if (use.taken !== undefined) edges.push(use.taken);
        else for (const node of use.enabled) barred.add(node);
      } else if (demands(fairness.weak, type)) {
        if (use.taken !== undefined) edges.push(use.taken);
        else if (use.enabled.size === nodes.length) hopeless = true;
        else visits.push(nodes.find((node) => !use.enabled.has(node)) as number);
      }
    }
    if (hopeless) continue;
    if (barred.size === 0) return { nodes, edges, visits };
    // A fair run stays where the barred events are not enabled at all.
    const inside = new Int32Array(graph.state.length);
    const rest = nodes.filter((node) => !barred.has(node));
    for (const node of rest) inside[node] = 1;
    components(graph, inside, 1, rest, (part) => work.push(part));
  }
  return undefined;
}

/** A closed walk from `head` through all that a fair loop demands. */
export function walkLoop(
  graph: OpenGraph,
  loop: FairLoop,
  head: number,
): { edge: number; node: number }[] {
  const members = new Set(loop.nodes);
  const walk: { edge: number; node: number }[] = [];
  let at = head;
  const go = (to: number): void => {
    for (const edge of shortest(graph, members, at, to)) {
      walk.push({ edge, node: graph.target[edge] as number });
    }
    at = to;
  };
  const take = (edge: number): void => {
    go(sourceOf(graph, edge));
    at = graph.target[edge] as number;
    walk.push({ edge, node: at });
  };
  for (const edge of loop.edges) take(edge);
  for (const node of loop.visits) go(node);
  if (walk.length === 0) {
    const out = edgesOf(graph, head).find((edge) => members.has(graph.target[edge] as number));
    if (out !== undefined) take(out);
  }
  go(head);
  return walk;
}

function demands(list: readonly string[] | 'all' | undefined, type: string): boolean {
  return list === 'all' || (list?.includes(type) ?? false);
}

function edgesOf(graph: OpenGraph, node: number): number[] {
  const from = graph.first[node] as number;
  const to = graph.first[node + 1] as number;
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The node that an edge leaves: the last one whose edges begin at or before it. */
function sourceOf(graph: OpenGraph, edge: number): number {
  let low = 0;
  let high = graph.first.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((graph.first[middle] as number) <= edge) low = middle;
    else high = middle;
  }
  return low;
}

/** Edges of a shortest way inside a component. */
function shortest(
  graph: OpenGraph,
  members: ReadonlySet<number>,
  from: number,
  to: number,
): number[] {
  if (from === to) return [];
  const by = new Map<number, number>();
  const line = [from];
  for (let i = 0; i < line.length && !by.has(to); i++) {
    for (const edge of edgesOf(graph, line[i] as number)) {
      const next = graph.target[edge] as number;
      if (next === from || by.has(next) || !members.has(next)) continue;
      by.set(next, edge);
      line.push(next);
    }
  }
  const edges: number[] = [];
  for (let at = to; at !== from; ) {
    const edge = by.get(at) as number;
    edges.push(edge);
    at = sourceOf(graph, edge);
  }
  return edges.reverse();
}
