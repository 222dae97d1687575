/**
 * Breadth-first search by several: level by level, so that the way to a state
 * through its parents is a shortest one whoever found it. Short levels are
 * expanded here alone, long ones here and by the hands; what needs all to stand
 * still (more room, another layout) is done here between two rounds, and so is
 * what hands that know no machine cannot settle.
 */
import { needsOrder } from '../engine.ts';
import type { Progress } from '../options.ts';
import type { Prepared } from '../prepare.ts';
import { Fault, Unexplorable } from '../problem.ts';
import type { Bounds, Stop } from '../search.ts';
import { type Chore, type Hand, type Hiring, help } from './hands.ts';
import { AT, Ledger } from './ledger.ts';
import { type Answer, Member, type Order } from './member.ts';
import { type Ranges, sizeOf, sliceOf } from './ranges.ts';
import { type Packed, SharedStore } from './shared-store.ts';
import { Staff } from './staff.ts';

/** Shorter levels are not worth the handing out. */
const WORTHWHILE = 1024;

/** Hands that work by code are sent for with a level of this share of that. */
const SOON = 1 / 64;

/** If more than this share of a level is left to this thread, the code does not help. */
const TOO_MUCH = 0.3;

/** Slices expanded here between two looks at what else is to do, beside hands. */
const SLICES = 64;

/** States expanded here between two looks at whether hands have come. */
const PIECE = 2048;

/** With fewer states one thread alone packs them anew, or fills a new table. */
const MANY = 65_536;

const FIRST_LOG = 1 << 20;

/** Blocks of numbers that each is to have room for. */
const ROOM = 4;

/** Memory that threads share, and what uses it here. */
export class Crew {
  readonly control = new Int32Array(new SharedArrayBuffer(64));
  private readonly tally: Float64Array<SharedArrayBuffer>;
  private readonly count: number;
  private readonly small: number;
  private readonly maxBytes: number;
  private readonly staff: Staff;
  private prepared!: Prepared;
  private store!: SharedStore;
  private ledger!: Ledger;
  private member!: Member;
  /** States of this level to expand, those of the next one, and unused numbers by hand. */
  private level: Ranges = [];
  private found: number[] = [];
  /** States that hands have left to this thread. */
  private unsettled: Ranges = [];
  private readonly holes: (readonly [number, number])[] = [];
  /** The first place in `holes` of the hands there are. */
  private firstHole = 0;
  private halted = false;
  /** States expanded in the rounds before this one. */
  private before = 0;

  /** @param small levels of fewer states are not handed out; with 1 hands are waited for */
  constructor(count: number, hiring: Hiring, maxBytes: number, small = WORTHWHILE) {
    this.count = count;
    this.maxBytes = maxBytes;
    this.small = small;
    this.staff = new Staff(count, hiring);
    this.tally = new Float64Array(new SharedArrayBuffer(16 * (2 * count + 1)));
  }

  /** How a search is prepared that this crew is to do. */
  readonly sharing = {
    numbering: (engine: Prepared['engine']): Ledger => {
      const log = new SharedArrayBuffer(FIRST_LOG);
      this.ledger = new Ledger(this.control, log, engine.slots, engine.context);
      return this.ledger;
    },
    store: (layout: SharedStore['layout']): SharedStore => {
      this.store = new SharedStore(layout, this.control, false, this.maxBytes);
      this.store.holes = this.holes;
      return this.store;
    },
  };

  /** Ends the search soon, with all that was done accounted for. */
  halt(): void {
    this.halted = true;
    Atomics.store(this.control, AT.stop, 1);
  }

  /** What was done so far, by those who are still at it too. */
  get progress(): Progress {
    let states = 0;
    let transitions = 0;
    for (let i = 0; i < this.tally.length; i += 2) {
      states += this.tally[i] as number;
      transitions += this.tally[i + 1] as number;
    }
    const { depth, bytes } = this.prepared.search;
    return { states, transitions, depth, frontier: states - this.expanded, bytes };
  }

  /** States expanded, by those who are still at it too. */
  get expanded(): number {
    return this.before + Math.min(Atomics.load(this.control, AT.cursor), sizeOf(this.level));
  }

  /** Lets the hands go. */
  end(): void {
    this.staff.end();
  }

  /**
   * Searches; yields now and then, with a promise while there is nothing to do here.
   *
   * @throws Fault, Unexplorable, needsOrder
   */
  *run(prepared: Prepared, bounds: Bounds): Generator<Promise<unknown> | undefined, Stop> {
    this.prepared = prepared;
    const { search } = prepared;
    const { store } = this;
    const own = this.tally.subarray(0, 2);
    const tally = { own, all: this.tally, maxStates: bounds.maxStates };
    this.member = new Member(prepared, store, this.ledger, this.control, tally);
    own[0] = store.count;
    own[1] = search.taken;
    this.before = search.next;
    this.level = [search.next, search.levelEnd];
    this.found = store.count > search.levelEnd ? [search.levelEnd, store.count] : [];
    store.takeFound();
    let bad: Stop | undefined;
    for (;;) {
      if (sizeOf(this.level) + sizeOf(this.unsettled) === 0) {
        if (bad !== undefined) return bad;
        if (sizeOf(this.found) === 0) return { kind: 'complete' };
        search.depth++;
        this.level = this.found;
        this.found = [];
      }
      if (this.halted) return { kind: 'halted' };
      if (store.count > bounds.maxStates) return { kind: 'limit', reason: 'max-states' };
      const answers = yield* this.round(bounds);
      const needs = new Set(answers.map(({ need }) => need));
      for (const answer of answers) bad = worse(bad, answer);
      this.check(answers);
      if (needs.has('order')) throw needsOrder;
      if (needs.has('layout')) yield* this.relayout();
      const { width, keyWidth } = store.layout;
      // Which companion a state has depends on who found it first: one must search alone.
      if (width !== keyWidth) throw needsOrder;
      if (!needs.has('room')) continue;
      if (!(yield* this.makeRoom(bounds))) return { kind: 'limit', reason: 'max-memory' };
    }
  }

  /** Numbers the states anew, without holes and in the order that one searcher would keep. */
  compact(): void {
    const { search } = this.prepared;
    const { store } = this;
    const numbers = Atomics.load(this.control, AT.numbers);
    const kind = new Uint8Array(numbers);
    const mark = (ranges: Ranges, as: number) => {
      for (let i = 0; i < ranges.length; i += 2) kind.fill(as, ranges[i], ranges[i + 1]);
    };
    mark(this.level, 1);
    mark(this.unsettled, 1);
    mark(this.found, 2);
    for (const hole of [...this.holes, store.hole]) mark(hole, 3);
    const next = new Uint32Array(numbers);
    let count = 0;
    const ends = [0, 1, 2].map((wanted) => {
      for (let i = 0; i < numbers; i++) if (kind[i] === wanted) next[i] = count++;
      return count;
    });
    const { width } = store.layout;
    const words = new Int32Array(count * width);
    const parents = new Uint32Array(count);
    for (let i = 0; i < numbers; i++) {
      if (kind[i] === 3) continue;
      const at = next[i] as number;
      for (let w = 0; w < width; w++) {
        words[at * width + w] = store.words[i * width + w] as number;
      }
      const parent = store.parents[i] as number;
      parents[at] = parent < numbers ? (next[parent] as number) : parent;
    }
    search.takeStates(words, parents);
    search.next = ends[0] as number;
    search.levelEnd = ends[1] as number;
  }

  /** Has the level expanded, whole or in part, and takes account. */
  private *round(bounds: Bounds): Generator<Promise<unknown> | undefined, readonly Answer[]> {
    const mine = sizeOf(this.unsettled) > 0;
    const level = mine ? this.unsettled : this.level;
    const { store, control, prepared, staff } = this;
    const total = sizeOf(level);
    const { compiling, watch } = prepared.search;
    const code = staff.byCode && !watch.waiting() ? compiling.current() : undefined;
    const many = !mine && total >= this.small;
    // In time: so that they have begun when there is code for them.
    const soon = staff.byCode && compiling.possible && total >= this.small * SOON;
    if (many || soon) this.hire(compiling.possible, bounds);
    if (this.small === 1 && staff.hands === undefined) yield staff.coming;
    staff.complain();
    const hands = many && (code !== undefined || !staff.byCode) ? staff.hands : undefined;
    store.shared = hands !== undefined || this.helpers.length > 0;
    Atomics.store(control, AT.cursor, 0);
    Atomics.store(control, AT.stop, this.halted ? 1 : 0);
    const order: Order = {
      buffers: store.buffers,
      log: this.ledger.log,
      level,
      most: hands === undefined ? PIECE : Number.POSITIVE_INFINITY,
      code,
      events: compiling.events.length,
      deadlock: watch.deadlock,
    };
    let answers: readonly Answer[];
    if (hands === undefined) answers = [yield* this.alone(order)];
    else {
      answers = yield* this.together(hands, order);
      this.addUp(answers.slice(1));
    }
    const cursor = Math.min(Atomics.load(control, AT.cursor), total);
    const rest = [...answers.flatMap(({ left }) => left), ...sliceOf(level, cursor, total)];
    const unsettled = answers.flatMap((answer) => answer.unsettled);
    this.before += total - sizeOf(rest) - sizeOf(unsettled);
    if (mine) this.unsettled = rest;
    else {
      this.level = rest;
      this.unsettled = unsettled;
    }
    if (staff.byCode && sizeOf(unsettled) > TOO_MUCH * total) this.doWithoutCode();
    Atomics.store(control, AT.cursor, 0);
    for (const { found, witnessed, marks, nodes } of answers) {
      for (const number of found) this.found.push(number);
      for (const i of witnessed) prepared.witnessed.add(i);
      prepared.engine.control.coverage.add(marks, nodes);
    }
    return answers;
  }

  /** Takes over what hands have counted and numbered. */
  private addUp(answers: readonly Answer[]): void {
    const { search } = this.prepared;
    for (const [i, answer] of answers.entries()) {
      search.offered += answer.offered;
      search.taken += answer.taken;
      search.moved += answer.moved;
      this.store.count += answer.states;
      this.holes[this.firstHole + i] = answer.hole;
    }
    this.ledger.catchUp();
  }

  /** Sends for hands: those that know the machine where there can be no code. */
  private hire(codePossible: boolean, { maxStates }: Bounds): void {
    const { control, tally, ledger, staff, store } = this;
    if (staff.byCode && !codePossible) this.doWithoutCode();
    staff.send({ control, tally, log: ledger.log, table: store.buffers.table, maxStates });
  }

  /** Turns to hands that know the machine. */
  private doWithoutCode(): void {
    if (this.staff.doWithoutCode()) this.firstHole = this.holes.length;
  }

  private *alone(order: Order): Generator<undefined, Answer> {
    const work = this.member.work(order);
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      yield undefined;
    }
  }

  /** This thread and the hands on the same level; the answer of this one comes first. */
  private *together(
    hands: readonly Hand[],
    order: Order,
  ): Generator<Promise<unknown> | undefined, readonly Answer[]> {
    const outcome = this.staff.outcome(hands.map((hand) => hand.work(order)));
    const work = this.member.work({ ...order, code: undefined });
    let own: Answer | undefined;
    for (let slices = 1; own === undefined; slices++) {
      const step = work.next();
      if (step.done === true) own = step.value;
      else if (slices % SLICES === 0 || this.small === 1) yield undefined;
    }
    return [own, ...(yield* outcome)];
  }

  private check(answers: readonly Answer[]): void {
    for (const { refusal, fault } of answers) {
      if (refusal !== undefined) throw new Unexplorable(refusal.place, refusal.reason);
      if (fault === undefined) continue;
      this.prepared.search.next = fault.state;
      throw new Fault(fault.kind, fault.place, fault.message);
    }
  }

  private *relayout(): Generator<Promise<unknown> | undefined, void> {
    const { search } = this.prepared;
    const { store } = this;
    yield* this.refill(store.takeLayout(search.newLayout()));
    search.v.fill(0);
  }

  /** @returns false if there may be no more */
  private *makeRoom(bounds: Bounds): Generator<Promise<unknown> | undefined, boolean> {
    const { store, ledger, control } = this;
    if (2 * Atomics.load(control, AT.log) > ledger.log.byteLength) ledger.enlarge();
    const blocks = ROOM * (this.count + 1);
    if (store.isFullFor(blocks)) return false;
    if (this.prepared.search.bytes + store.enlargement(blocks) > bounds.maxBytes) return false;
    if (store.enlarge(blocks)) yield* this.refill();
    return true;
  }

  /** Enters all states in a new table, after packing them anew if it is said how they were. */
  private *refill(packed?: Packed): Generator<Promise<unknown> | undefined, void> {
    const { store } = this;
    const { numbers } = store;
    if (packed !== undefined) yield* this.allDo({ numbers, packed });
    for (const rest of yield* this.allDo({ numbers, packed: undefined })) store.enterRest(rest);
  }

  /** The hands that have a part in what all do with all states. */
  private get helpers(): readonly Hand[] {
    const few = this.store.count < MANY && this.small > 1;
    return few ? [] : (this.staff.hands ?? []);
  }

  /** Has all do a part of what is to be done; the outcomes. */
  private *allDo(
    what: Pick<Chore, 'numbers' | 'packed'>,
  ): Generator<Promise<unknown> | undefined, readonly (readonly number[])[]> {
    const { store, ledger, staff } = this;
    const hands = this.helpers;
    const { buffers } = store;
    const chore = { ...what, buffers, log: ledger.log, parts: hands.length + 1 };
    const outcome = staff.outcome(hands.map((hand, i) => hand.help({ ...chore, part: i + 1 })));
    const own = help(store, { ...chore, part: 0 });
    return hands.length === 0 ? [own] : [own, ...(yield* outcome)];
  }
}

/** The worse of two stops: properties come before deadlocks, in their order. */
function worse(one: Stop | undefined, { broken, dead }: Answer): Stop | undefined {
  if (broken !== undefined) {
    const better = one?.kind === 'found' && one.property <= broken.property;
    return better ? one : { kind: 'found', ...broken };
  }
  if (dead !== undefined && one === undefined) return { kind: 'deadlock', state: dead };
  return one;
}
