/**
 * Breadth-first search: states are expanded in the order of their finding, so
 * that the way to a state through its parents is a shortest one.
 */
import type { Code } from './code.ts';
import { Compiling } from './compiling.ts';
import { Dispatch } from './dispatch.ts';
import type { Engine, Move } from './engine.ts';
import { Layout, planFor } from './layout.ts';
import type { Memo } from './memo.ts';
import type { Progress } from './options.ts';
import type { Question } from './predicates.ts';
import type { Reducer } from './reduce.ts';
import { MAX_SLOTS } from './slots.ts';
import { NO_STATE, StateStore } from './store.ts';

/** How the search is bounded and watched. */
export interface Bounds {
  readonly maxStates: number;
  readonly maxBytes: number;
  /** States expanded before the next pause; may be changed at each pause. */
  every: number;
}

/** What stops a search before its end. */
export type Stop =
  | { readonly kind: 'complete' }
  | { readonly kind: 'limit'; readonly reason: 'max-states' | 'max-memory' }
  | { readonly kind: 'found'; readonly state: number; readonly property: number }
  | { readonly kind: 'deadlock'; readonly state: number }
  /** Somebody asked for an end. */
  | { readonly kind: 'halted' };

/** What is asked of each state as it is expanded. */
export interface Watch {
  /** Numbers of the events offered in `v`. */
  readonly offered: (v: Int32Array) => Int32Array;
  /** The first property that `v` breaks, or -1. */
  readonly broken: (v: Int32Array) => number;
  readonly deadlock: boolean;
  readonly stopWhenDone: boolean;
  /** What `broken` asks, but for the witnesses; and whether it looks for some. */
  readonly questions: readonly Question<boolean>[];
  readonly waiting: () => boolean;
  /** The events offered, if they are the same in all states. */
  readonly all: Int32Array | undefined;
  /** States expanded before code is made of what was learned; a good number if not given. */
  readonly calm: number | undefined;
  /** Brings `v` to the representative of its symmetric ones. */
  readonly normalise: ((v: Int32Array) => void) | undefined;
}

/** Thrown if a value does not fit the layout of a store that others use too. */
export const needsLayout: unique symbol = Symbol('needs another layout');

/** Bytes that one value, and one learned result, take, roughly. */
const BYTES_A_VALUE = 120;

export class Search {
  readonly engine: Engine;
  store: StateStore;
  /** The next state to expand. */
  next = 0;
  /** Pairs of state and event that were offered, taken, and led elsewhere. */
  offered = 0;
  taken = 0;
  moved = 0;
  depth = 0;
  /** States expanded by code. */
  coded = 0;
  /** The first state of the level after this one. */
  levelEnd = 1;
  /** The state being expanded. */
  readonly v = new Int32Array(MAX_SLOTS);
  readonly watch: Watch;
  /** The first state as the machine gives it, before any normalising. */
  readonly first: Int32Array;
  private readonly dispatch: Dispatch;
  readonly compiling: Compiling;
  private readonly missed: Int32Array;
  private readonly out = new Int32Array(2);
  private readonly spare = new Int32Array(MAX_SLOTS);
  private base = new Int32Array(0);

  /** @param open makes the store, if it is not one for this search alone */
  constructor(
    engine: Engine,
    first: Int32Array,
    watch: Watch,
    open: (layout: Layout) => StateStore = (layout) => new StateStore(layout),
  ) {
    this.engine = engine;
    this.dispatch = new Dispatch(engine.moves);
    this.watch = watch;
    this.first = first.slice();
    watch.normalise?.(first);
    this.store = open(this.newLayout());
    this.compiling = new Compiling(this);
    this.missed = new Int32Array(this.compiling.events.length);
    if (this.store.count > 0) return;
    this.store.layout.pack(first, this.store.probe, 0);
    this.store.add(NO_STATE);
  }

  /** Bytes allocated for states and for what was learned. */
  get bytes(): number {
    return this.store.bytes + this.engine.slots.values * BYTES_A_VALUE;
  }

  get progress(): Progress {
    return {
      states: this.store.count,
      transitions: this.taken,
      depth: this.depth,
      frontier: this.store.count - this.next,
      bytes: this.bytes,
    };
  }

  /**
   * Searches, pausing after each `every` states.
   *
   * @param reducer leaves out what it shows to be no loss
   * @throws Fault, Unexplorable, while `next` is the state at fault
   */
  *run(bounds: Bounds, reducer?: Reducer): Generator<undefined, Stop> {
    const { store } = this;
    let left = bounds.every;
    const bounded = bounds.maxBytes !== Number.POSITIVE_INFINITY;
    for (;;) {
      if (this.next === store.count || this.next === this.levelEnd) store.settle();
      if (this.next === store.count) return { kind: 'complete' };
      const reason = this.limit(bounds, bounded);
      if (reason !== undefined) {
        store.settle();
        return { kind: 'limit', reason };
      }
      if (this.next === this.levelEnd) {
        this.depth++;
        this.levelEnd = store.count;
      }
      const stop = reducer === undefined ? this.expand(this.next) : reducer.expand(this, this.next);
      if (stop !== undefined) {
        store.settle();
        return stop;
      }
      this.next++;
      if (--left === 0) {
        left = bounds.every;
        store.settle();
        yield undefined;
      }
    }
  }

  private limit(bounds: Bounds, bounded: boolean): 'max-states' | 'max-memory' | undefined {
    const { store } = this;
    if (store.count > bounds.maxStates) return 'max-states';
    const full = store.full || (bounded && this.bytes + store.growth > bounds.maxBytes);
    return full ? 'max-memory' : undefined;
  }

  /** Adds the successors of a state; what stops the search, if it does. */
  expand(state: number): Stop | undefined {
    const { engine, store, v, watch } = this;
    const code = this.compiling.code();
    if (code !== undefined) return this.expandByCode(code, state, this.compiling.events);
    this.fit(state);
    store.from = state;
    engine.forget();
    const property = watch.broken(v);
    if (property >= 0) return { kind: 'found', state, property };
    const done = engine.control.statusOf(v) !== 'active';
    if (done && watch.stopWhenDone) return undefined;
    const events = watch.offered(v);
    const before = this.taken;
    this.offered += events.length;
    // A state keeps the companion of the way found first: then order matters.
    const prune = store.layout.width === store.layout.keyWidth;
    const epoch = engine.slots.epoch;
    const listed = prune ? this.dispatch.list(v, events, engine.version + epoch) : events.length;
    const tries = prune ? this.dispatch.events : events;
    for (let i = 0; i < listed; i++) this.tryEvent(state, tries[i] as number);
    store.settle();
    if (watch.deadlock && this.taken === before && !done) return { kind: 'deadlock', state };
    return undefined;
  }

  /** Takes in line what an event leads to from the state in `v`. */
  private tryEvent(state: number, number: number): void {
    const { engine, store, v } = this;
    const { normalise } = this.watch;
    let leaf = (engine.moves[number] as Memo<Move>).root;
    while (leaf !== undefined && leaf.slot >= 0) leaf = leaf.kids[v[leaf.slot] as number];
    const move = leaf?.out;
    if (move !== undefined && move.kind === 'none') return;
    if (move !== undefined && move.kind === 'writes' && normalise === undefined) {
      this.apply(move);
    } else {
      const plan = move?.plan;
      if (plan !== undefined) {
        if (plan.assigns.length === 1 && normalise === undefined) engine.followBriefly(v, plan);
        else engine.follow(v, plan);
      } else {
        const taken = move === undefined ? engine.learn(v, number) : engine.work(v, number);
        if (!taken) return;
      }
      if (engine.slots.layout !== store.layout.version) {
        store.settle();
        this.fit(state);
      }
      if (normalise === undefined) this.applyScratch();
      else this.packNormal(normalise);
    }
    this.taken++;
    this.insert();
  }

  /** As `expand`, by code; what the code does not know is tried as ever. */
  private expandByCode(code: Code, state: number, events: Int32Array): Stop | undefined {
    const { engine, store, v, watch, missed, out } = this;
    const { waiting, questions } = watch;
    const { width } = store.layout;
    if (waiting() || (questions.length > 0 && code.holds(store.words, state * width) === 0)) {
      this.fit(state);
      const property = watch.broken(v);
      if (property >= 0) return { kind: 'found', state, property };
    }
    const before = this.taken;
    this.coded++;
    out[0] = 0;
    out[1] = 0;
    this.offered += events.length;
    this.moved += store.fill(code, state, missed, out);
    this.taken += out[1] as number;
    const misses = out[0] as number;
    if (misses > 0) {
      this.compiling.misses(misses);
      this.fit(state);
      store.from = state;
      engine.forget();
      for (let i = 0; i < misses; i++) this.tryEvent(state, missed[i] as number);
    }
    if (store.waiting > store.patience) store.settle();
    if (!watch.deadlock || this.taken > before) return undefined;
    this.fit(state);
    return engine.control.statusOf(v) === 'active' ? { kind: 'deadlock', state } : undefined;
  }

  /**
   * The steps out of a held state, once all states are found.
   *
   * @param step called with the number of the event and of the next state
   */
  successors(state: number, step: (event: number, next: number) => void): void {
    const { engine, store, v, watch } = this;
    this.fit(state);
    engine.forget();
    if (watch.stopWhenDone && engine.control.statusOf(v) !== 'active') return;
    for (const number of watch.offered(v)) {
      const move = (engine.moves[number] as Memo<Move>).find(v)?.out;
      if (move?.kind === 'none') continue;
      if (move?.kind === 'writes') this.apply(move);
      else {
        if (!engine.work(v, number)) continue;
        this.applyScratch();
      }
      step(number, store.find());
    }
  }

  /** Brings the layout up to date and unpacks a state. */
  fit(state: number): void {
    const { engine, store } = this;
    if (engine.slots.layout !== store.layout.version && !store.layout.fits(engine.slots)) {
      if (store.shared) throw needsLayout;
      this.relayout();
    }
    const { width } = store.layout;
    if (this.base.length !== width) this.base = new Int32Array(width);
    const at = state * width;
    for (let i = 0; i < width; i++) this.base[i] = store.words[at + i] as number;
    store.layout.unpack(this.base, 0, this.v);
  }

  /** Packs all states anew, with room for all values seen so far. */
  relayout(): void {
    this.store.settle();
    this.store.changeLayout(this.newLayout());
    this.v.fill(0);
  }

  /** Starts anew with all that was learned. */
  restart(): void {
    const { watch, first } = this;
    this.store = new StateStore(this.newLayout());
    this.v.fill(0);
    Object.assign(this, { next: 0, offered: 0, taken: 0, moved: 0, depth: 0, levelEnd: 1 });
    this.spare.set(first);
    watch.normalise?.(this.spare);
    this.store.layout.pack(this.spare, this.store.probe, 0);
    this.store.add(NO_STATE);
  }

  /** Goes on with a store of its own that holds these states, packed as now. */
  takeStates(words: Int32Array, parents: Uint32Array): void {
    this.store = new StateStore(this.store.layout);
    this.store.load(words, parents);
  }

  /** Packs the successor that known writes lead to. */
  apply(move: Move): void {
    const { base } = this;
    const { probe, layout } = this.store;
    if (move.opsFor !== layout.serial) {
      move.ops = layout.opsOf(move.writes);
      move.opsFor = layout.serial;
    }
    const { ops } = move;
    for (let i = 0; i < base.length; i++) probe[i] = base[i] as number;
    for (let i = 0; i < ops.length; i += 3) {
      const at = ops[i] as number;
      probe[at] = ((probe[at] as number) & (ops[i + 1] as number)) | (ops[i + 2] as number);
    }
  }

  applyScratch(): void {
    const { base, engine } = this;
    const { probe, layout } = this.store;
    const { word, shift, mask } = layout;
    const { written, scratch, writtenCount } = engine;
    for (let i = 0; i < base.length; i++) probe[i] = base[i] as number;
    for (let i = 0; i < writtenCount; i++) {
      const slot = written[i] as number;
      const at = word[slot] as number;
      const by = shift[slot] as number;
      const cleared = (probe[at] as number) & ~((mask[slot] as number) << by);
      probe[at] = cleared | ((scratch[slot] as number) << by);
    }
  }

  private packNormal(normalise: (v: Int32Array) => void): void {
    const { engine, spare, store } = this;
    for (let i = 0; i < engine.slots.count; i++) spare[i] = engine.scratch[i] as number;
    normalise(spare);
    if (engine.slots.layout !== store.layout.version) {
      store.settle();
      this.fit(this.next);
    }
    store.layout.pack(spare, store.probe, 0);
  }

  /** A layout for all values seen so far. */
  newLayout(): Layout {
    const { engine } = this;
    const { slots, control } = engine;
    return new Layout(planFor(slots, control.entered.slot), slots.layout, engine.layouts++);
  }

  insert(): void {
    const { base, store } = this;
    const { keyWidth } = store.layout;
    let same = true;
    for (let i = 0; i < keyWidth && same; i++) same = store.probe[i] === base[i];
    if (same) return;
    this.moved++;
    store.propose();
  }
}
