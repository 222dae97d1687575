/** The graph that a search has explored, for what only the whole of it shows. */
import type { Node } from './node.ts';

export class Graph {
  readonly nodes: Node[] = [];
  readonly #into: number[][] = [];

  add(node: Node): number {
    this.nodes.push(node);
    this.#into.push([]);
    return this.nodes.length - 1;
  }

  edge(from: number, to: number): void {
    if (from !== to) this.#into[to]?.push(from);
  }

  /**
   * The nodes, in the order of their finding, from which none of `ends` can
   * be reached. If some event is possible again and again it happens at last
   * (strong fairness), so these are all the nodes in which a run may stay
   * for ever without having ended.
   */
  cannotReach(ends: (node: Node, index: number) => boolean): Node[] {
    const can = this.nodes.map(ends);
    const work = can.flatMap((yes, i) => (yes ? [i] : []));
    for (let next = work.pop(); next !== undefined; next = work.pop())
      for (const from of this.#into[next] ?? []) {
        if (can[from] === true) continue;
        can[from] = true;
        work.push(from);
      }
    return this.nodes.filter((_, i) => can[i] !== true);
  }
}
