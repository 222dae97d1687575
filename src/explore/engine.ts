/**
 * Makes steps of a machine on states that are vectors of small integers. A
 * step is XState's macrostep: the transitions an event selects, then eventless
 * ones and raised events until nothing is left to do.
 */
import { Assigns } from './assigns.ts';
import { Chart } from './chart.ts';
import { ContextTree } from './context.ts';
import { Control } from './control.ts';
import { type AssignCall, Instrument } from './instrument.ts';
import { Learner } from './learner.ts';
import { Memo } from './memo.ts';
import type { Part } from './part.ts';
import { type Plan, Plans } from './plans.ts';
import { Fault, messageOf, Unexplorable } from './problem.ts';
import { Selection } from './selection.ts';
import { MAX_SLOTS, Slots } from './slots.ts';
import { Tracker } from './tracker.ts';
import { type EventObject, type Machine, pureScope, type Transition } from './xstate.ts';

/** What an event does to a state, as far as it is known beforehand. */
export interface Move {
  /**
   * `none`: not handled; `writes`: known; `plan`: one microstep whose assigns
   * are to be run; `work`: to be worked out each time.
   */
  readonly kind: 'none' | 'writes' | 'plan' | 'work';
  /** Slot and id in turn. */
  readonly writes: Int32Array;
  readonly plan: Plan | undefined;
  /** The writes as word, bits to clear and bits to set, for one layout. */
  ops: Int32Array;
  opsFor: number;
}

function move(kind: Move['kind'], writes: readonly number[] = [], plan?: Plan): Move {
  return { kind, writes: Int32Array.from(writes), plan, ops: new Int32Array(0), opsFor: -1 };
}

/** A step takes no more microsteps than this. */
export const MAX_MICROSTEPS = 1000;

/** An event's tree of more results is not grown if it answers too little. */
const MAX_LEAVES = 8192;

/** From this size on an event's tree is split: the assigns keep trees of their own. */
const SPLIT_LEAVES = 256;

const NONE = move('none');
const WORK = move('work');

/**
 * Thrown when regions take eventless steps at once and their order may show:
 * XState goes by the order of entering, which the engine keeps only if it must.
 */
export const needsOrder: unique symbol = Symbol('needs the order of entering');

export class Engine {
  readonly slots = new Slots();
  readonly tracker = new Tracker(this.slots);
  readonly context = new ContextTree(this.slots, this.tracker);
  readonly chart: Chart;
  readonly control: Control;
  private readonly learner: Learner;
  private readonly selection: Selection;
  private readonly plans: Plans;
  /** Events by number: first those offered, as they come. */
  readonly events: EventObject[] = [];
  private readonly numbers = new Map<EventObject, number>();
  private readonly assigns: Assigns;
  /** Per event: what it does. */
  readonly moves: Memo<Move>[] = [];
  private readonly machine: Machine;
  private readonly instrument: Instrument;

  /** The state being worked on, and which of its slots were written. */
  readonly scratch = new Int32Array(MAX_SLOTS);
  private readonly dirty = new Int32Array(MAX_SLOTS);
  private readonly seen = new Int32Array(MAX_SLOTS);
  private run = 0;
  /** Written slots of the last `work`. */
  readonly written = new Int32Array(MAX_SLOTS);
  writtenCount = 0;
  private readonly reads: number[] = [];
  private readonly putter = (slot: number, id: number): void => this.put(slot, id);
  /** What the step being learned rests on, and the trees that it is made of, those of assigns apart. */
  private readonly grounds: number[] = [];
  private readonly used = new Set<Memo<unknown>>();
  private readonly usedParts = new Set<Memo<unknown>>();
  private complete = true;
  private logging = false;
  /** The only microstep of this step, and what was read before its assigns. */
  private single: Plan | undefined;
  private readsBefore = 0;
  private completeBefore = true;
  private readonly split = new Set<number>();
  readonly keepOrder: boolean;
  readonly sampled: boolean;
  private readonly whole: boolean;
  /** True once a step was met whose reads are not known. */
  untabulated = false;
  /** How many of the events were listed by the user; 0 if they depend on the state. */
  fixedEvents = 0;
  /** Rises whenever something was learned about what an event does. */
  version = 0;
  /** Layouts made so far, which numbers them. */
  layouts = 0;

  private readonly selected: Transition[] = [];
  private readonly queue: EventObject[] = [];

  /**
   * @param keepOrder keep the order of active nodes; see `needsOrder`
   * @param whole learn whole steps only, whatever the size of the trees
   * @param sampled run functions both ways only now and then
   */
  constructor(machine: Machine, keepOrder: boolean, whole: boolean, sampled: boolean) {
    this.whole = whole;
    this.sampled = sampled;
    this.learner = new Learner(this.slots, this.tracker, sampled);
    this.keepOrder = keepOrder;
    this.machine = machine;
    this.instrument = new Instrument(machine);
    this.chart = new Chart(this.instrument.machine, this.slots, this.instrument.always);
    this.control = new Control(
      this.chart,
      this.slots,
      this.tracker,
      this.context,
      this.instrument,
      keepOrder,
    );
    this.assigns = new Assigns(this.slots, this.tracker, this.context, sampled);
    const note = (slot: number) => this.note(slot);
    this.learner.note = note;
    this.selection = new Selection(this.control, this.context, this.instrument, this.learner);
    this.plans = new Plans(this.control, this.context, this.instrument, this.learner);
    this.assigns.note = note;
    this.learner.use = (memo) => {
      if (this.logging) this.used.add(memo);
    };
    this.assigns.use = (memo) => this.usedParts.add(memo);
  }

  /** Writes the first state. */
  start(input: unknown): Int32Array {
    const scope = pureScope((what) => {
      throw new Unexplorable('the initial state', `looks at ${what}`);
    });
    const snapshot = this.machine.getInitialSnapshot(scope, input);
    if (snapshot.status === 'error') {
      if (snapshot.error instanceof Unexplorable) throw snapshot.error;
      throw new Fault('threw', 'the initial state', messageOf(snapshot.error));
    }
    if (Object.keys(snapshot.children).length > 0) {
      throw new Unexplorable('the initial state', 'spawns an actor');
    }
    const v = new Int32Array(MAX_SLOTS);
    const put = (slot: number, id: number) => {
      v[slot] = id;
    };
    this.context.start(snapshot.context, put);
    const own = this.chart.machine.idMap;
    const translate = (node: { id: string }) => own.get(node.id) ?? this.chart.machine.root;
    const history = Object.entries(snapshot.historyValue).map(
      ([id, nodes]) => [id, nodes.map(translate)] as const,
    );
    this.control.write(
      {
        ...snapshot,
        _nodes: snapshot._nodes.map(translate),
        historyValue: Object.fromEntries(history),
      },
      put,
    );
    return v;
  }

  /** The number of an event; equal events have one. */
  numberOf(event: EventObject): number {
    const own = this.control.intern(event);
    const known = this.numbers.get(own);
    if (known !== undefined) return known;
    const number = this.events.push(own) - 1;
    this.numbers.set(own, number);
    this.moves.push(new Memo(this.slots));
    return number;
  }

  /** Steps are made from another state than before. */
  forget(): void {
    this.assigns.forget();
  }

  /**
   * Makes the step of event `number` as `work` does, and learns it.
   *
   * @returns false if the event is not handled in `v`
   */
  learn(v: Int32Array, number: number): boolean {
    const memo = this.moves[number] as Memo<Move>;
    const { epoch } = this.slots;
    this.logging = true;
    this.assigns.noting = true;
    this.complete = true;
    this.reads.length = 0;
    this.grounds.length = 0;
    this.used.clear();
    this.usedParts.clear();
    let taken: boolean;
    try {
      taken = this.work(v, number);
    } finally {
      this.logging = false;
      this.assigns.noting = false;
    }
    memo.misses++;
    this.version++;
    for (const one of this.used) memo.uses.add(one);
    const { single } = this;
    if (!this.complete) this.untabulated = true;
    const splits = single !== undefined && this.completeBefore && single.assigns.length > 0;
    if (splits && !this.whole) {
      const many =
        memo.leaves >= SPLIT_LEAVES || single.assigns.some((call) => this.assigns.isItemWise(call));
      if (many && !this.split.has(number)) {
        this.split.add(number);
        memo.clear();
        for (const one of this.used) memo.uses.add(one);
      }
      memo.rest(this.grounds);
      if (this.split.has(number) || !this.complete) {
        const reads = this.reads.slice(0, this.readsBefore);
        memo.keep(reads, v, move('plan', single.writes, single), epoch);
        return true;
      }
    }
    memo.rest(this.grounds);
    for (const one of this.usedParts) memo.uses.add(one);
    const full = !this.whole && memo.leaves > MAX_LEAVES && memo.hits < 8 * memo.misses;
    if (!this.complete || full) {
      if (!full) memo.keep(this.reads, v, WORK, epoch);
      return taken;
    }
    if (!taken) {
      memo.keep(this.reads, v, NONE, epoch);
      return false;
    }
    const writes: number[] = [];
    for (let i = 0; i < this.writtenCount; i++) {
      const slot = this.written[i] as number;
      const id = this.scratch[slot] as number;
      // What is the same in every state needs no writing, until it is not.
      if ((this.slots.sizes[slot] as number) < 2) {
        this.grounds.push(slot);
        continue;
      }
      if (this.seen[slot] !== this.run || v[slot] !== id) writes.push(slot, id);
    }
    memo.rest(this.grounds);
    memo.keep(this.reads, v, move('writes', writes), epoch);
    return true;
  }

  /** Results that the trees of the events hold. */
  get cases(): number {
    let sum = 0;
    for (const memo of this.moves) sum += memo.leaves;
    return sum;
  }

  /** The parts of an assign that a plan calls for. */
  partsOf(call: AssignCall): readonly Part[] {
    return this.assigns.partsOf(call);
  }

  /** Learns what event `number` does to `v`, unless that is known. */
  knows(v: Int32Array, number: number): void {
    if (this.moves[number]?.find(v) === undefined) this.learn(v, number);
  }

  /** Makes in `scratch` the step whose only microstep is known. */
  follow(v: Int32Array, plan: Plan): void {
    this.begin(v);
    this.carryOut(plan);
  }

  /**
   * As `follow`, where the plan calls for one assign: `scratch` is valid for
   * the slots in `written` only.
   */
  followBriefly(v: Int32Array, plan: Plan): void {
    this.run++;
    this.writtenCount = 0;
    this.assigns.begin();
    const { writes } = plan;
    for (let i = 0; i < writes.length; i += 2) {
      this.put(writes[i] as number, writes[i + 1] as number);
    }
    this.assigns.apply(v, plan.assigns[0] as AssignCall, this.putter);
  }

  private begin(v: Int32Array): void {
    const { scratch, slots } = this;
    for (let i = 0; i < slots.count; i++) scratch[i] = v[i] as number;
    this.run++;
    this.writtenCount = 0;
    this.assigns.begin();
  }

  /**
   * Makes the step of event `number` in `scratch`; the slots that it wrote are
   * in `written`.
   *
   * @returns false if the event is not handled in `v`
   * @throws Fault, Unexplorable
   */
  work(v: Int32Array, number: number): boolean {
    const { scratch, selection, selected, queue } = this;
    this.begin(v);
    this.single = undefined;
    queue.length = 0;
    let event = this.events[number] as EventObject;
    selection.select(scratch, event, selected);
    let taken = selected.some((t) => t.target !== undefined || t.actions.length > 0);
    if (selected.length > 0) {
      const plan = this.microstep(event, selected);
      if (this.instrument.always.size === 0 && plan.raised.length === 0 && taken) {
        this.single = plan;
        return true;
      }
    }
    let eventless = true;
    for (let steps = 0; this.isActive(); steps++) {
      if (steps > MAX_MICROSTEPS) {
        throw new Fault('endless', event.type, `takes more than ${MAX_MICROSTEPS} microsteps`);
      }
      if (eventless) selection.selectEventless(scratch, event, selected);
      if (eventless && selected.length > 0) {
        if (selection.needsOrder(selected)) throw needsOrder;
        taken = true;
        eventless = !this.microstep(event, selected).same;
        continue;
      }
      const next = queue.shift();
      if (next === undefined) break;
      event = next;
      selection.select(scratch, event, selected);
      if (selected.length > 0) this.microstep(event, selected);
      eventless = true;
    }
    return taken;
  }

  private isActive(): boolean {
    this.note(this.control.status.slot);
    return this.control.isActive(this.scratch);
  }

  /** One microstep on `scratch`. */
  private microstep(event: EventObject, taken: readonly Transition[]): Plan {
    const plan = this.plans.plan(this.scratch, event, taken);
    this.readsBefore = this.reads.length;
    this.completeBefore = this.complete;
    this.carryOut(plan);
    for (const raised of plan.raised) this.queue.push(raised);
    return plan;
  }

  private carryOut(plan: Plan): void {
    const { writes, assigns } = plan;
    for (let i = 0; i < writes.length; i += 2) {
      this.put(writes[i] as number, writes[i + 1] as number);
    }
    for (let i = 0; i < assigns.length; i++) {
      this.assigns.apply(this.scratch, assigns[i] as AssignCall, this.putter);
    }
  }

  private put(slot: number, id: number): void {
    this.scratch[slot] = id;
    if (this.dirty[slot] === this.run) return;
    this.dirty[slot] = this.run;
    this.written[this.writtenCount++] = slot;
  }

  private note(slot: number): void {
    if (!this.logging) return;
    if (slot < 0) {
      this.complete = false;
      return;
    }
    if (this.dirty[slot] === this.run || this.seen[slot] === this.run) return;
    if ((this.slots.sizes[slot] as number) < 2) {
      this.grounds.push(slot);
      return;
    }
    this.seen[slot] = this.run;
    this.reads.push(slot);
  }
}
