/** Strongly connected components of a part of a graph, without recursion. */

/** A directed graph: the edges of node n are those from `first[n]` on. */
export interface Graph {
  /** One entry more than there are nodes. */
  readonly first: Uint32Array;
  /** Per edge: where it leads; OUTSIDE if out of the graph. */
  readonly target: Uint32Array;
}

/** The target of an edge that leaves the graph. */
export const OUTSIDE = 0xffffffff;

/**
 * Tarjan's algorithm on the nodes where `inside` is `mark`.
 *
 * @param found called with each component
 */
export function components(
  graph: Graph,
  inside: Int32Array,
  mark: number,
  nodes: Iterable<number>,
  found: (component: readonly number[]) => void,
): void {
  const { first, target } = graph;
  const size = inside.length;
  const order = new Int32Array(size);
  const low = new Int32Array(size);
  const edge = new Uint32Array(size);
  const onStack = new Uint8Array(size);
  const stack: number[] = [];
  const path: number[] = [];
  let next = 1;
  const open = (node: number): void => {
    order[node] = next;
    low[node] = next;
    next++;
    edge[node] = first[node] as number;
    onStack[node] = 1;
    stack.push(node);
    path.push(node);
  };
  for (const root of nodes) {
    if (inside[root] !== mark || order[root] !== 0) continue;
    open(root);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const e = edge[at] as number;
      if (e < (first[at + 1] as number)) {
        edge[at] = e + 1;
        const to = target[e] as number;
        if (to === OUTSIDE || inside[to] !== mark) continue;
        if (order[to] === 0) open(to);
        else if (onStack[to] === 1) low[at] = Math.min(low[at] as number, order[to] as number);
        continue;
      }
      path.pop();
      const up = path.at(-1);
      if (up !== undefined) low[up] = Math.min(low[up] as number, low[at] as number);
      if (low[at] !== order[at]) continue;
      const component: number[] = [];
      for (;;) {
        const node = stack.pop() as number;
        onStack[node] = 0;
        component.push(node);
        if (node === at) break;
      }
      found(component);
    }
  }
}
