/**
 * The control of a machine, learned: which transitions an event selects in a
 * region, which eventless ones are enabled, and what a microstep does to the
 * regions. Each answer comes from XState once and is found again by the slots
 * that it read.
 */
import { type Chart, childrenOf, type Leaf, type Region } from './chart.ts';
import type { ContextTree, Put } from './context.ts';
import { Coverage } from './coverage.ts';
import {
  type AssignCall,
  type Instrument,
  type Mode,
  needsContext,
  type Step,
} from './instrument.ts';
import { Memo } from './memo.ts';
import { type Observation, observe } from './observe.ts';
import { Fault } from './problem.ts';
import { StepReads } from './reads.ts';
import type { Domain, Slots } from './slots.ts';
import type { Tracker } from './tracker.ts';
import { canonical } from './values.ts';
import type { EventObject, Snapshot, StateNode, Transition } from './xstate.ts';

/** A microstep as data. */
export interface Plan {
  /** Slot and id in turn. */
  readonly writes: readonly number[];
  readonly assigns: readonly AssignCall[];
  readonly raised: readonly EventObject[];
  /** XState gave back the same snapshot: it looks for no eventless transition. */
  readonly same: boolean;
}

/** A question whose answers are learned; `plain` once tracking has failed. */
interface Question<Out> {
  readonly memo: Memo<Out>;
  plain: boolean;
}

/** A step and the snapshot that it was made from. */
interface Made {
  readonly before: Snapshot;
  readonly step: Step;
}

/** A tree that keeps missing is given up beyond this size. */
const MAX_LEAVES = 4096;

/** No transition. */
const NONE = -1;

export class Control {
  readonly chart: Chart;
  readonly coverage: Coverage;
  private readonly slots: Slots;
  private readonly tracker: Tracker;
  private readonly context: ContextTree;
  private readonly instrument: Instrument;
  private readonly reads: StepReads;
  private readonly status: Domain;
  private readonly output: Domain;
  /**
   * XState's own list of active nodes, where it is not simply all of them in
   * document order. It shows in no part of a state, but the next step may hang
   * on it; as in XState, a state keeps the list of the way it was found first.
   */
  readonly entered: Domain;
  /** Keep that list wherever the order differs, not just the content. */
  private readonly keepOrder: boolean;
  private readonly nextQuestions = new Map<EventObject, (Question<number> | undefined)[]>();
  private readonly alwaysQuestions = new Map<EventObject, (Question<number> | undefined)[]>();
  private readonly events = new Map<string, EventObject>();
  private readonly plans = new Map<EventObject, Map<string | number, Question<Plan>>>();
  private readonly handlers = new Map<string, Map<Leaf, readonly StateNode[]>>();
  private readonly concerned = new Map<string, readonly boolean[]>();
  private readonly alwaysPaths: readonly (readonly StateNode[][])[];
  private readonly alwaysInside: readonly boolean[];
  /** Called for each slot that an answer rests on. */
  note: (slot: number) => void = () => {};

  constructor(
    chart: Chart,
    slots: Slots,
    tracker: Tracker,
    context: ContextTree,
    instrument: Instrument,
    keepOrder: boolean,
  ) {
    this.chart = chart;
    this.keepOrder = keepOrder;
    this.slots = slots;
    this.tracker = tracker;
    this.context = context;
    this.instrument = instrument;
    this.reads = new StepReads(chart);
    this.coverage = new Coverage(chart);
    this.status = slots.add('status', { kind: 'primitive', value: 'active' });
    this.output = slots.add('output', { kind: 'primitive', value: undefined });
    this.entered = slots.add('entered', { kind: 'primitive', value: '' });
    instrument.readStateValue = (value) => this.readStateValue(value);
    instrument.readAllRegions = () => {
      tracker.read(this.entered.slot);
      for (const region of chart.regions) tracker.read(region.slot);
    };
    this.alwaysPaths = chart.regions.map((region) =>
      region.leaves.map((leaf) =>
        leaf === undefined || leaf.node.type === 'parallel'
          ? []
          : leaf.ancestors.filter((node) => instrument.always.has(node)),
      ),
    );
    this.alwaysInside = this.alwaysPaths.map((paths) => paths.some((path) => path.length > 0));
  }

  /** Whether the machine still takes steps of its own. */
  isActive(v: Int32Array): boolean {
    this.note(this.status.slot);
    return v[this.status.slot] === 0;
  }

  /** `active` or `done`. */
  statusOf(v: Int32Array): string {
    return String(valueAt(this.status, v));
  }

  /** The output of a done machine. */
  outputOf(v: Int32Array): unknown {
    return valueAt(this.output, v);
  }

  /** Lists the reading of status and output. */
  readEnd(): void {
    this.tracker.read(this.status.slot);
    this.tracker.read(this.output.slot);
  }

  /** Lists the reading of the regions that decide about a state value. */
  readStateValue(value: unknown): void {
    this.tracker.read(this.entered.slot);
    this.reads.ofStateValue(value, (slot) => this.tracker.read(slot));
  }

  /** Writes a snapshot's control part. */
  write(snapshot: Snapshot, put: Put): void {
    this.coverage.entered(snapshot._nodes);
    this.chart.writeValue(snapshot.value, put);
    this.chart.writeHistory(snapshot.historyValue, this.slots, put);
    this.writeEnd(snapshot, put);
    this.writeEntered(snapshot._nodes, put);
  }

  /** The active nodes in XState's order. */
  nodesOf(v: Int32Array): StateNode[] {
    const list = String(valueAt(this.entered, v));
    if (list === '') return this.chart.activeNodes(v);
    return list.split(',').flatMap((order) => this.chart.nodes[Number(order)] ?? []);
  }

  private writeEntered(nodes: readonly StateNode[], put: Put): void {
    const { entered } = this;
    const orders = nodes.map((node) => node.order);
    const complete = isComplete(nodes);
    const inOrder = orders.every((order, i) => i === 0 || order > (orders[i - 1] as number));
    const value = complete && (inOrder || !this.keepOrder) ? '' : orders.join();
    put(entered.slot, this.slots.idOf(entered, { kind: 'primitive', value }));
  }

  /** One object for all events of the same content. */
  intern(event: EventObject): EventObject {
    const key = canonical(event, `event ${event.type}`);
    const known = this.events.get(key);
    if (known !== undefined) return known;
    this.events.set(key, event);
    return event;
  }

  private writeEnd({ status, output }: Snapshot, put: Put): void {
    put(this.status.slot, this.slots.idOf(this.status, { kind: 'primitive', value: status }));
    const plain = this.context.plainOf(output);
    const desc =
      typeof plain === 'object' && plain !== null
        ? ({ kind: 'kept', value: plain } as const)
        : ({ kind: 'primitive', value: plain } as const);
    put(this.output.slot, this.slots.idOf(this.output, desc));
  }

  /** A snapshot of XState for a state, with a given context. */
  snapshot(v: Int32Array, context: unknown): Snapshot {
    const { chart } = this;
    const value = chart.valueOf(v);
    const history = chart.historyOf(v);
    const status = this.statusOf(v);
    const { machine } = this.instrument;
    const snapshot = machine.resolveState({ value, context, historyValue: history, status });
    snapshot._nodes = this.nodesOf(v);
    snapshot.value = value;
    snapshot.status = status;
    snapshot.output = this.outputOf(v);
    return snapshot;
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
    this.note(this.entered.slot);
    if (v[this.entered.slot] !== 0) {
      for (const region of this.chart.regions) this.note(region.slot);
      for (const node of this.nodesOf(v)) {
        const leaf = this.chart.leafOf.get(node);
        if (leaf !== undefined) this.selectAlong(leaf.region.index, leaf.id, v, event, into);
      }
      return;
    }
    for (const { index, slot } of this.chart.regions) {
      if (!this.alwaysInside[index]) continue;
      this.note(slot);
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
      const found = this.ask(this.question(this.alwaysQuestions, event, node), v, (plainOnly) =>
        this.learnAlways(v, node, event, plainOnly),
      );
      if (found === NONE) continue;
      const transition = this.chart.transitions[found] as Transition;
      if (!into.includes(transition)) into.push(transition);
      return;
    }
  }

  /** Whether the order of eventless transitions may show, and is not kept. */
  needsOrder(taken: readonly Transition[]): boolean {
    if (this.keepOrder || taken.length < 2) return false;
    return taken.filter((t) => t.actions.length > 0).length > 1 || this.reads.overlap(taken);
  }

  /** What a microstep does. */
  plan(v: Int32Array, event: EventObject, taken: readonly Transition[]): Plan {
    let perEvent = this.plans.get(event);
    if (perEvent === undefined) {
      perEvent = new Map();
      this.plans.set(event, perEvent);
    }
    const { numberOf } = this.chart;
    const key =
      taken.length === 1
        ? (numberOf.get(taken[0] as Transition) as number)
        : taken.map((t) => numberOf.get(t)).join();
    let question = perEvent.get(key);
    if (question === undefined) {
      question = { memo: new Memo(this.slots), plain: false };
      perEvent.set(key, question);
    }
    return this.ask(question, v, (plainOnly) => this.learnPlan(v, event, taken, plainOnly));
  }

  /** Answers from the tree, or learns. */
  private ask<Out>(
    question: Question<Out>,
    v: Int32Array,
    learn: (plainOnly: boolean) => Observation<Out>,
  ): Out {
    const { memo } = question;
    let at = memo.root;
    while (at !== undefined && at.slot >= 0) {
      this.note(at.slot);
      at = at.kids[v[at.slot] as number];
    }
    if (at !== undefined) {
      memo.hits++;
      return at.out as Out;
    }
    const { epoch } = this.slots;
    memo.misses++;
    const { value, tracked } = learn(question.plain);
    if (tracked && !question.plain) {
      for (const slot of this.tracker.reads) this.note(slot);
      memo.keep(this.tracker.reads, v, value, epoch);
      if (memo.leaves > MAX_LEAVES && memo.hits < 8 * memo.misses) question.plain = true;
    } else {
      question.plain = true;
      this.note(UNKNOWN);
    }
    return value;
  }

  private question(
    table: Map<EventObject, (Question<number> | undefined)[]>,
    event: EventObject,
    node: StateNode,
  ): Question<number> {
    let perNode = table.get(event);
    if (perNode === undefined) {
      perNode = this.chart.nodes.map(() => undefined);
      table.set(event, perNode);
    }
    let question = perNode[node.order];
    if (question === undefined) {
      question = { memo: new Memo(this.slots), plain: false };
      perNode[node.order] = question;
    }
    return question;
  }

  /** As XState: inner nodes first, outer ones only if nothing inside answers. */
  private selectIn(region: Region, v: Int32Array, event: EventObject, into: Transition[]): void {
    if (!this.concernsOf(event.type)[region.index]) return;
    this.note(region.slot);
    const leaf = region.leaves[v[region.slot] as number];
    if (leaf === undefined) return;
    const before = into.length;
    for (const inner of leaf.inner) this.selectIn(inner, v, event, into);
    if (into.length > before) return;
    for (const node of this.handlersOf(event.type, leaf)) {
      const found = this.ask(this.question(this.nextQuestions, event, node), v, (plainOnly) =>
        this.learnNext(v, node, event, plainOnly),
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
    this.coverage.asked(candidatesOf(node, event.type), found.value);
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
    this.coverage.asked(candidates, found.value);
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
      context: () => this.context.materialise(v),
      plain: (context) => run(this.snapshot(v, context)),
      tracked: () => {
        const snapshot = this.snapshot(v, undefined);
        this.tracker.begin(v);
        snapshot.context = this.context.tracked();
        return run(snapshot);
      },
      key: String,
    });
  }

  private learnPlan(
    v: Int32Array,
    event: EventObject,
    taken: readonly Transition[],
    plainOnly: boolean,
  ): Observation<Plan> {
    for (const transition of taken) this.coverage.took(this.chart.numberOf.get(transition));
    try {
      return this.planIn('log', v, event, taken, plainOnly);
    } catch (problem) {
      if (problem !== needsContext) throw problem;
    }
    return this.planIn('run', v, event, taken, plainOnly);
  }

  /**
   * Learns a microstep. In the usual case nothing but assigns looks at what
   * assigns wrote: then `log` leaves them out, to be learned one by one.
   */
  private planIn(
    mode: Mode,
    v: Int32Array,
    event: EventObject,
    taken: readonly Transition[],
    plainOnly: boolean,
  ): Observation<Plan> {
    const { context, tracker } = this;
    const run = (copy: unknown): Made => {
      const before = this.snapshot(v, copy);
      return { before, step: this.instrument.step(before, event, taken, mode) };
    };
    const seen = observe({
      place: taken.map((t) => `#${t.source.id} on ${t.eventType || 'always'}`).join(' + '),
      plainOnly,
      context: () => context.materialise(v),
      plain: run,
      tracked: () => {
        this.startReads(v, taken);
        const made = run(context.tracked());
        this.finishReads(made.step, taken);
        return made;
      },
      key: (made) => tracker.unlisted(() => this.keyOf(made.step, mode === 'run')),
    });
    const { before, step } = seen.value;
    const writes: number[] = [];
    this.writeStep(v, before, step, (slot, id) => writes.push(slot, id));
    if (mode === 'run') {
      context.absorb(step.next.context, (slot, id) => writes.push(slot, id));
    }
    const plan: Plan = {
      writes,
      same: step.same,
      raised: step.raised.map((one) => this.intern(context.plainOf(one) as EventObject)),
      assigns: step.assigns.map((call) => ({ ...call, params: context.plainOf(call.params) })),
    };
    return { value: plan, tracked: seen.tracked };
  }

  /**
   * The control part of a step. Regions that stay are among those read, or out
   * of reach; a history written anew may only seem to stay in this state.
   */
  private writeStep(v: Int32Array, before: Snapshot, { next }: Step, put: Put): void {
    this.coverage.entered(next._nodes);
    const after = v.slice(0, this.slots.count);
    this.chart.writeValue(next.value, (slot, id) => {
      after[slot] = id;
      if (v[slot] !== id) put(slot, id);
    });
    if (canonical(this.chart.valueOf(after), 'value') !== canonical(next.value, 'value')) {
      const value = JSON.stringify(next.value);
      throw new Fault('illegal', 'value', `XState leaves ${value}, which is no state of the chart`);
    }
    const fresh = Object.entries(next.historyValue).filter(
      ([id, nodes]) => before.historyValue[id] !== nodes,
    );
    this.chart.writeHistory(Object.fromEntries(fresh), this.slots, put);
    if (next.status !== 'active') this.writeEnd(next, put);
    this.writeEntered(next._nodes, put);
  }

  private startReads(v: Int32Array, taken: readonly Transition[]): void {
    this.tracker.begin(v);
    const read = (slot: number) => this.tracker.read(slot);
    // The output of a machine that is done already goes through the step.
    if (read(this.status.slot) !== 0) read(this.output.slot);
    this.reads.ofTransitions(taken, read);
    if (read(this.entered.slot) !== 0 || this.keepOrder) this.instrument.readAllRegions();
  }

  private finishReads(step: Step, taken: readonly Transition[]): void {
    const read = (slot: number) => this.tracker.read(slot);
    const active = new Set(step.next._nodes);
    this.reads.ofResult(taken, active, step.next.status === 'done', read);
  }

  private keyOf(step: Step, withContext: boolean): string {
    const { next, raised, same, assigns } = step;
    const plain = (value: unknown) => canonical(this.context.plainOf(value), 'a result');
    return [
      next._nodes.map((node) => node.order).join(),
      next.status,
      plain(next.output),
      ...raised.map(plain),
      String(same),
      String(assigns.length),
      ...assigns.map((call) => plain(call.params)),
      withContext ? plain(next.context) : '',
    ].join('|');
  }
}

/** Noted in place of a slot when an answer's reads are not known. */
export const UNKNOWN = -1;

/** True if with each node all that makes it active is listed too. */
function isComplete(nodes: readonly StateNode[]): boolean {
  const listed = new Set(nodes);
  return nodes.every((node) => {
    if (node.parent !== undefined && !listed.has(node.parent)) return false;
    const active = childrenOf(node).filter((child) => listed.has(child)).length;
    if (node.type === 'parallel') return active === childrenOf(node).length;
    return node.type === 'compound' ? active === 1 : true;
  });
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

function valueAt(domain: Domain, v: Int32Array): unknown {
  const desc = domain.descs[v[domain.slot] as number];
  return desc?.kind === 'primitive' || desc?.kind === 'kept' ? desc.value : undefined;
}
