/**
 * The control part of a machine as slots. An orthogonal region holds exactly
 * one active leaf (an atomic, final or parallel node), or none while the
 * parallel state around it is not active: one slot a region, one more a
 * history node.
 */
import type { Domain, Slots } from './slots.ts';
import type { Machine, StateNode, Transition } from './xstate.ts';

/** A node that ends a region's path downwards. */
export interface Leaf {
  readonly node: StateNode;
  readonly region: Region;
  /** The id of this leaf in the region's slot. */
  readonly id: number;
  /** From the node up to the region's own node, both included. */
  readonly path: readonly StateNode[];
  /** From the node up to the root. */
  readonly ancestors: readonly StateNode[];
  /** The regions of a parallel node, in document order. */
  readonly inner: readonly Region[];
}

/** The root, or one child of a parallel node. */
export interface Region {
  /** Its place in document order. */
  readonly index: number;
  readonly node: StateNode;
  readonly slot: number;
  /** The leaf that must be active for this region to be. */
  readonly within: Leaf | undefined;
  /** By id; undefined at id 0 if the region can be inactive. */
  readonly leaves: readonly (Leaf | undefined)[];
}

/** The children that can be active. */
export function childrenOf(node: StateNode): StateNode[] {
  return Object.values(node.states).filter((child) => child.type !== 'history');
}

/** True if `node` lies below `ancestor`. */
export function isBelow(node: StateNode, ancestor: StateNode): boolean {
  for (let up = node.parent; up !== undefined; up = up.parent) if (up === ancestor) return true;
  return false;
}

/** The regions, leaves and histories of a machine. */
export class Chart {
  readonly machine: Machine;
  /** In document order, so that a region stands before those inside it. */
  readonly regions: readonly Region[];
  readonly leafOf: ReadonlyMap<StateNode, Leaf>;
  /** The region that decides whether a node is active. */
  readonly regionOf: ReadonlyMap<StateNode, Region>;
  readonly histories: ReadonlyMap<string, Domain>;
  /** All nodes in document order. */
  readonly nodes: readonly StateNode[];
  /** All transitions: a number for each. */
  readonly transitions: readonly Transition[];
  readonly numberOf: ReadonlyMap<Transition, number>;

  constructor(
    machine: Machine,
    slots: Slots,
    always: ReadonlyMap<StateNode, readonly Transition[]>,
  ) {
    this.machine = machine;
    this.nodes = [...machine.idMap.values()].sort((a, b) => a.order - b.order);
    const regions: Region[] = [];
    const leafOf = new Map<StateNode, Leaf>();
    const regionOf = new Map<StateNode, Region>();
    const build = (node: StateNode, within: Leaf | undefined, constant: boolean): Region => {
      const ends: StateNode[] = [];
      const collect = (at: StateNode): void => {
        if (at.type === 'compound') for (const child of childrenOf(at)) collect(child);
        else ends.push(at);
      };
      collect(node);
      const size = ends.length + (constant ? 0 : 1);
      const { slot } = slots.addFixed(`region ${node.id}`, size);
      const leaves: (Leaf | undefined)[] = constant ? [] : [undefined];
      const region: Region = { index: regions.length, node, slot, within, leaves };
      regions.push(region);
      const cover = (at: StateNode): void => {
        regionOf.set(at, region);
        if (at.type === 'compound') for (const child of childrenOf(at)) cover(child);
      };
      cover(node);
      for (const end of ends) {
        const ancestors = upwards(end);
        const inner: Region[] = [];
        const path = ancestors.slice(0, ancestors.indexOf(node) + 1);
        const leaf: Leaf = { node: end, region, id: leaves.length, path, ancestors, inner };
        leaves.push(leaf);
        leafOf.set(end, leaf);
        if (end.type === 'parallel') {
          const always = constant && ends.length === 1;
          for (const child of childrenOf(end)) inner.push(build(child, leaf, always));
        }
      }
      return region;
    };
    build(machine.root, undefined, true);
    this.regions = regions;
    this.leafOf = leafOf;
    this.regionOf = regionOf;
    const histories = new Map<string, Domain>();
    for (const node of this.nodes) {
      if (node.type === 'history') histories.set(node.id, slots.add(`history ${node.id}`));
    }
    this.histories = histories;
    const transitions = this.nodes.flatMap((node) => [
      ...[...node.transitions.values()].flat(),
      ...(always.get(node) ?? []),
    ]);
    this.transitions = transitions;
    this.numberOf = new Map(transitions.map((transition, i) => [transition, i]));
  }

  /** The active nodes in document order. */
  activeNodes(v: Int32Array): StateNode[] {
    const active = new Set<StateNode>();
    for (const region of this.regions) {
      const leaf = region.leaves[v[region.slot] as number];
      if (leaf !== undefined) for (const node of leaf.path) active.add(node);
    }
    return [...active].sort((a, b) => a.order - b.order);
  }

  /** The state value as XState writes it. */
  valueOf(v: Int32Array): unknown {
    const inside = (region: Region): unknown => {
      const leaf = region.leaves[v[region.slot] as number];
      if (leaf === undefined) return {};
      let value: unknown =
        leaf.node.type === 'parallel'
          ? Object.fromEntries(leaf.inner.map((inner) => [inner.node.key, inside(inner)]))
          : {};
      for (const [i, node] of leaf.path.entries()) {
        if (node === region.node) break;
        value = i === 0 && node.type !== 'parallel' ? node.key : { [node.key]: value };
      }
      return value;
    };
    return inside(this.regions[0] as Region);
  }

  /** Writes the region slots for a state value. */
  writeValue(value: unknown, put: (slot: number, id: number) => void): void {
    const ids = new Map<Region, number>();
    const descend = (node: StateNode, part: unknown): void => {
      const leaf = this.leafOf.get(node);
      if (leaf !== undefined) ids.set(leaf.region, leaf.id);
      const parts = typeof part === 'string' ? { [part]: {} } : (part as object | undefined);
      for (const [key, inner] of Object.entries(parts ?? {})) {
        const child = node.states[key];
        if (child !== undefined) descend(child, inner);
      }
    };
    descend(this.machine.root, value);
    for (const region of this.regions) put(region.slot, ids.get(region) ?? 0);
  }

  /** The remembered histories as XState keeps them. */
  historyOf(v: Int32Array): Record<string, StateNode[]> {
    const value: Record<string, StateNode[]> = {};
    for (const [id, domain] of this.histories) {
      const desc = domain.descs[v[domain.slot] as number];
      if (desc?.kind !== 'primitive') continue;
      const orders = desc.value === '' ? [] : String(desc.value).split(',');
      value[id] = orders.flatMap((order) => this.nodes[Number(order)] ?? []);
    }
    return value;
  }

  /** Writes the history slots. */
  writeHistory(
    history: Readonly<Record<string, readonly StateNode[]>>,
    slots: Slots,
    put: (slot: number, id: number) => void,
  ): void {
    for (const [id, domain] of this.histories) {
      const nodes = history[id];
      if (nodes === undefined) continue;
      const value = nodes
        .map((node) => this.nodes.indexOf(node))
        .sort((a, b) => a - b)
        .join();
      put(domain.slot, slots.idOf(domain, { kind: 'primitive', value }));
    }
  }
}

function upwards(node: StateNode): StateNode[] {
  const path: StateNode[] = [];
  for (let at: StateNode | undefined = node; at !== undefined; at = at.parent) path.push(at);
  return path;
}
