/**
 * Which regions and histories a microstep of XState looks at, beyond what its
 * guards and actions read: always a superset, worked out from the chart.
 */
import { type Chart, childrenOf, isBelow } from './chart.ts';
import type { StateNode, Transition } from './xstate.ts';

type Read = (slot: number) => unknown;

export class StepReads {
  private readonly chart: Chart;
  private readonly perTransition = new Map<Transition, readonly number[]>();
  private readonly perDomain = new Map<StateNode | undefined, readonly number[]>();
  private readonly anyExit: boolean;

  constructor(chart: Chart) {
    this.chart = chart;
    this.anyExit = chart.nodes.some((node) => node.exit.length > 0);
  }

  /** Reads what selecting, leaving and entering under `taken` looks at. */
  ofTransitions(taken: readonly Transition[], read: Read): void {
    for (const transition of taken) {
      let slots = this.perTransition.get(transition);
      if (slots === undefined) {
        slots = this.slotsOf(transition);
        this.perTransition.set(transition, slots);
      }
      for (const slot of slots) read(slot);
    }
  }

  /** True if two of the transitions leave states of the same region. */
  overlap(taken: readonly Transition[]): boolean {
    const left = new Set<number>();
    for (const transition of taken) {
      if (transition.target === undefined || transition.target.length === 0) continue;
      const slots = this.slotsBelow(this.domainOf(transition));
      if (slots.some((slot) => left.has(slot))) return true;
      for (const slot of slots) left.add(slot);
    }
    return false;
  }

  /** Reads what finding completed parallel states and a done machine looks at. */
  ofResult(
    taken: readonly Transition[],
    active: ReadonlySet<StateNode>,
    done: boolean,
    read: Read,
  ): void {
    for (const node of active) {
      if (node.type !== 'final') continue;
      const touched = taken.some((t) => {
        if (t.target === undefined) return false;
        const domain = this.domainOf(t);
        return domain === undefined || isBelow(node, domain);
      });
      if (touched) this.readCompletion(node, active, read);
    }
    if (done && this.anyExit) for (const region of this.chart.regions) read(region.slot);
  }

  /** Reads the regions that decide whether a state value or id is active. */
  ofStateValue(value: unknown, read: Read): void {
    const { root } = this.chart.machine;
    if (typeof value === 'string' && value.startsWith('#')) {
      this.readActive(this.chart.machine.getStateNodeById(value), read);
      return;
    }
    const descend = (node: StateNode, part: unknown): void => {
      if (typeof part === 'string') {
        let at: StateNode | undefined = node;
        for (const key of part.split('.')) {
          at = at?.states[key];
          if (at !== undefined) this.readActive(at, read);
        }
      } else if (typeof part === 'object' && part !== null) {
        for (const [key, inner] of Object.entries(part)) {
          const child = node.states[key];
          if (child === undefined) continue;
          this.readActive(child, read);
          descend(child, inner);
        }
      }
    };
    descend(root, value);
  }

  private readActive(node: StateNode, read: Read): void {
    const region = this.chart.regionOf.get(node);
    if (region !== undefined) read(region.slot);
  }

  private slotsOf(transition: Transition): number[] {
    const slots = new Set<number>();
    if (transition.target === undefined || transition.target.length === 0) return [];
    for (const slot of this.slotsBelow(this.domainOf(transition))) slots.add(slot);
    const seen = new Set<StateNode>();
    const enter = (node: StateNode): void => {
      if (seen.has(node)) return;
      seen.add(node);
      if (node.type === 'history') {
        const domain = this.chart.histories.get(node.id);
        if (domain !== undefined) slots.add(domain.slot);
        for (const sibling of Object.values(node.parent?.states ?? {})) enter(sibling);
      } else if (node.type === 'compound') {
        for (const target of node.initial.target) enter(target);
        for (const child of Object.values(node.states)) if (child.type === 'history') enter(child);
      } else {
        for (const child of Object.values(node.states)) enter(child);
      }
    };
    for (const target of transition.target) {
      enter(target);
      // Entering below a parallel state enters the regions beside the target too.
      for (let up = target.parent; up !== undefined; up = up.parent) {
        if (up.type === 'parallel') enter(up);
      }
    }
    return [...slots];
  }

  private slotsBelow(domain: StateNode | undefined): readonly number[] {
    const known = this.perDomain.get(domain);
    if (known !== undefined) return known;
    const slots = this.chart.regions
      .filter((region) => domain === undefined || isBelow(region.node, domain))
      .map((region) => region.slot);
    const own = domain === undefined ? undefined : this.chart.regionOf.get(domain);
    if (own !== undefined) slots.push(own.slot);
    this.perDomain.set(domain, slots);
    return slots;
  }

  /**
   * The domain of a transition, or one around it where a history decides;
   * undefined stands for the whole machine.
   */
  private domainOf(transition: Transition): StateNode | undefined {
    const { source, reenter } = transition;
    const targets = transition.target ?? [];
    const history = targets.some((target) => target.type === 'history');
    if (!(reenter || history) && targets.every((t) => t === source || isBelow(t, source))) {
      return source;
    }
    const nodes = [...targets, source];
    for (let up = nodes[0]?.parent; up !== undefined; up = up.parent) {
      const around = up;
      if (nodes.slice(1).every((node) => isBelow(node, around))) return up;
    }
    return undefined;
  }

  private readCompletion(node: StateNode, active: ReadonlySet<StateNode>, read: Read): void {
    const { parent } = node;
    let around = parent?.type === 'parallel' ? parent : parent?.parent;
    while (around?.type === 'parallel' && this.inFinal(around, active, read))
      around = around.parent;
  }

  /** XState's `isInFinalState`, reading as it goes. */
  private inFinal(node: StateNode, active: ReadonlySet<StateNode>, read: Read): boolean {
    this.readActive(node, read);
    if (node.type === 'compound') {
      for (const child of childrenOf(node)) this.readActive(child, read);
      return childrenOf(node).some((child) => child.type === 'final' && active.has(child));
    }
    if (node.type === 'parallel') {
      return childrenOf(node).every((child) => this.inFinal(child, active, read));
    }
    return node.type === 'final';
  }
}
