/**
 * Which transitions an event selects, and which eventless ones are enabled:
 * asked of XState's own nodes region by region, since regions select apart.
 */
import type { Chart, Leaf, Region } from './chart.ts';
import type { ContextTree } from './context.ts';
import type { Control } from './control.ts';
import type { Instrument } from './instrument.ts';
import type { Learned, Learner } from './learner.ts';
import { observe } from './observe.ts';
import type { EventObject, Snapshot, StateNode, Transition } from './xstate.ts';

type PerEvent = Map<EventObject, (Learned<number> | undefined)[]>;

/** No transition. */
const NONE = -1;

export class Selection {
  private readonly chart: Chart;
  private readonly control: Control;
  private readonly context: ContextTree;
  private readonly instrument: Instrument;
  private readonly learner: Learner;
  private readonly nextQuestions: PerEvent = new Map();
  private readonly alwaysQuestions: PerEvent = new Map();
  private readonly handlers = new Map<string, Map<Leaf, readonly StateNode[]>>();
  private readonly concerned = new Map<string, readonly boolean[]>();
  private readonly alwaysPaths: readonly (readonly StateNode[][])[];
  private readonly alwaysInside: readonly boolean[];

  constructor(control: Control, context: ContextTree, instrument: Instrument, learner: Learner) {
    const { chart } = control;
    this.chart = chart;
    this.control = control;
    this.context = context;
    this.instrument = instrument;
    this.learner = learner;
    this.alwaysPaths = chart.regions.map((region) =>
      region.leaves.map((leaf) =>
        leaf === undefined || leaf.node.type === 'parallel'
          ? []
          : leaf.ancestors.filter((node) => instrument.always.has(node)),
      ),
    );
    this.alwaysInside = this.alwaysPaths.map((paths) => paths.some((path) => path.length > 0));
  }

  /** The transitions that an event selects, in document order. */
  select(v: Int32Array, event: EventObject, into: Transition[]): void {
    into.length = 0;
    this.selectIn(this.chart.regions[0] as Region, v, event, into);
  }

  /** The eventless transitions that are enabled, in document order. */
  selectEventless(v: Int32Array, event: EventObject, into: Transition[]): void {
    into.length = 0;
    if (this.instrument.always.size === 0) return;
    this.learner.note(this.control.entered.slot);
    if (v[this.control.entered.slot] !== 0) {
      for (const region of this.chart.regions) this.learner.note(region.slot);
      for (const node of this.control.nodesOf(v)) {
        const leaf = this.chart.leafOf.get(node);
        if (leaf !== undefined) this.selectAlong(leaf.region.index, leaf.id, v, event, into);
      }
      return;
    }
    for (const { index, slot } of this.chart.regions) {
      if (!this.alwaysInside[index]) continue;
      this.learner.note(slot);
      this.selectAlong(index, v[slot] as number, v, event, into);
    }
  }

  /** The first enabled eventless transition from a leaf upwards. */
  private selectAlong(
    region: number,
    leaf: number,
    v: Int32Array,
    event: EventObject,
    into: Transition[],
  ): void {
    for (const node of this.alwaysPaths[region]?.[leaf] ?? []) {
      const found = this.learner.ask(
        this.question(this.alwaysQuestions, event, node),
        v,
        (plainOnly) => this.learnAlways(v, node, event, plainOnly),
      );
      if (found === NONE) continue;
      const transition = this.chart.transitions[found] as Transition;
      if (!into.includes(transition)) into.push(transition);
      return;
    }
  }

  /** Whether the order of eventless transitions may show, and is not kept. */
  needsOrder(taken: readonly Transition[]): boolean {
    if (this.control.keepOrder || taken.length < 2) return false;
    return (
      taken.filter((t) => t.actions.length > 0).length > 1 || this.control.reads.overlap(taken)
    );
  }

  private question(table: PerEvent, event: EventObject, node: StateNode): Learned<number> {
    let perNode = table.get(event);
    if (perNode === undefined) {
      perNode = this.chart.nodes.map(() => undefined);
      table.set(event, perNode);
    }
    let question = perNode[node.order];
    if (question === undefined) {
      question = this.learner.question();
      perNode[node.order] = question;
    }
    return question;
  }

  /** As XState: inner nodes first, outer ones only if nothing inside answers. */
  private selectIn(region: Region, v: Int32Array, event: EventObject, into: Transition[]): void {
    if (!this.concernsOf(event.type)[region.index]) return;
    this.learner.note(region.slot);
    const leaf = region.leaves[v[region.slot] as number];
    if (leaf === undefined) return;
    const before = into.length;
    for (const inner of leaf.inner) this.selectIn(inner, v, event, into);
    if (into.length > before) return;
    for (const node of this.handlersOf(event.type, leaf)) {
      const found = this.learner.ask(
        this.question(this.nextQuestions, event, node),
        v,
        (plainOnly) => this.learnNext(v, node, event, plainOnly),
      );
      if (found === NONE) continue;
      into.push(this.chart.transitions[found] as Transition);
      return;
    }
  }

  private handlersOf(type: string, leaf: Leaf): readonly StateNode[] {
    let perLeaf = this.handlers.get(type);
    if (perLeaf === undefined) {
      perLeaf = new Map();
      this.handlers.set(type, perLeaf);
    }
    let nodes = perLeaf.get(leaf);
    if (nodes === undefined) {
      nodes = leaf.path.filter((node) => mayHandle(node, type));
      perLeaf.set(leaf, nodes);
    }
    return nodes;
  }

  /** Per region: whether it, or a region inside it, may handle a type. */
  private concernsOf(type: string): readonly boolean[] {
    const known = this.concerned.get(type);
    if (known !== undefined) return known;
    const { regions } = this.chart;
    const concerned = regions.map(() => false);
    for (let i = regions.length - 1; i >= 0; i--) {
      const region = regions[i] as Region;
      const own = region.leaves.some((leaf) => leaf?.path.some((node) => mayHandle(node, type)));
      concerned[i] ||= own;
      if (concerned[i] && region.within !== undefined) {
        concerned[region.within.region.index] = true;
      }
    }
    this.concerned.set(type, concerned);
    return concerned;
  }

  private learnNext(v: Int32Array, node: StateNode, event: EventObject, plainOnly: boolean) {
    const place = `#${node.id} on ${event.type}`;
    const found = this.watch(v, place, plainOnly, (snapshot) => {
      const [transition] = node.next(snapshot, event) ?? [];
      return transition === undefined ? NONE : (this.chart.numberOf.get(transition) as number);
    });
    this.control.coverage.asked(candidatesOf(node, event.type), found.value);
    return found;
  }

  private learnAlways(v: Int32Array, node: StateNode, event: EventObject, plainOnly: boolean) {
    const candidates = this.instrument.always.get(node) ?? [];
    const found = this.watch(v, `#${node.id} always`, plainOnly, (snapshot) => {
      for (const transition of candidates) {
        if (this.instrument.passes(transition.guard, snapshot, event)) {
          return this.chart.numberOf.get(transition) as number;
        }
      }
      return NONE;
    });
    this.control.coverage.asked(candidates, found.value);
    return found;
  }

  private watch(
    v: Int32Array,
    place: string,
    plainOnly: boolean,
    run: (snapshot: Snapshot) => number,
  ) {
    return observe({
      place,
      plainOnly,
      trusted: this.learner.trusting,
      context: () => this.context.lendFrozen(v),
      plain: (context) => run(this.control.snapshot(v, context)),
      tracked: () => {
        const snapshot = this.control.snapshot(v, undefined);
        this.learner.tracker.begin(v);
        snapshot.context = this.context.tracked();
        return run(snapshot);
      },
      key: String,
    });
  }
}

function mayHandle(node: StateNode, type: string): boolean {
  if (node.transitions.has(type)) return true;
  for (const key of node.transitions.keys()) if (key.endsWith('*')) return true;
  return false;
}

function candidatesOf(node: StateNode, type: string): Transition[] {
  return [...node.transitions]
    .filter(([key]) => key === type || key.endsWith('*'))
    .flatMap(([, transitions]) => transitions);
}
