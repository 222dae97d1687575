/**
 * Breadth-first search by several: level by level, so that the way to a state
 * through its parents is a shortest one whoever found it. Short levels are
 * expanded here, long ones by the hands; what needs all to stand still (more
 * room, another layout) is done here between two rounds.
 */
import { needsOrder } from '../engine.ts';
import type { Progress } from '../options.ts';
import type { Prepared } from '../prepare.ts';
import { Fault, Unexplorable } from '../problem.ts';
import type { Bounds, Stop } from '../search.ts';
import { AT, Ledger } from './ledger.ts';
import { type Answer, Member, type Order, type Ranges, sizeOf, sliceOf } from './member.ts';
import { SharedStore } from './shared-store.ts';

/** One who expands states elsewhere. */
export interface Hand {
  readonly work: (order: Order) => Promise<Answer>;
  readonly end: () => void;
}

/** What a hand is given once. */
export interface Share {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly tally: Float64Array<SharedArrayBuffer>;
  /** Its place in the tally. */
  readonly index: number;
  readonly log: SharedArrayBuffer;
  readonly maxStates: number;
}

export type Hire = (share: Share) => Promise<Hand>;

/** Shorter levels are not worth the handing out. */
const WORTHWHILE = 1024;

/** States expanded here between two looks at what else is to do. */
const PIECE = 512;

/** Milliseconds between two looks at hands that are busy. */
const WATCH = 50;

const FIRST_LOG = 1 << 20;

/** Blocks of numbers that each is to have room for. */
const ROOM = 4;

/** Memory that threads share, and what uses it here. */
export class Crew {
  readonly control = new Int32Array(new SharedArrayBuffer(64));
  private readonly tally: Float64Array<SharedArrayBuffer>;
  private readonly count: number;
  private readonly hire: Hire;
  private readonly small: number;
  private hands: readonly Hand[] | undefined;
  private hiring: Promise<void> | undefined;
  private trouble: unknown;
  private prepared!: Prepared;
  private store!: SharedStore;
  private ledger!: Ledger;
  private member!: Member;
  /** States of this level to expand, those of the next one, and unused numbers by hand. */
  private level: Ranges = [];
  private found: number[] = [];
  private readonly holes: (readonly [number, number])[] = [];
  private halted = false;
  /** States expanded in the rounds before this one. */
  private before = 0;

  /** @param small levels of fewer states are not handed out; with 1 hands are waited for */
  constructor(count: number, hire: Hire, small = WORTHWHILE) {
    this.count = count;
    this.hire = hire;
    this.small = small;
    this.tally = new Float64Array(new SharedArrayBuffer(16 * (count + 1)));
  }

  /** How a search is prepared that this crew is to do. */
  readonly sharing = {
    numbering: (engine: Prepared['engine']): Ledger => {
      const log = new SharedArrayBuffer(FIRST_LOG);
      this.ledger = new Ledger(this.control, log, engine.slots, engine.context);
      return this.ledger;
    },
    store: (layout: SharedStore['layout']): SharedStore => {
      this.store = new SharedStore(layout, this.control);
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
    for (const hand of this.hands ?? []) hand.end();
    this.hands = [];
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
      if (sizeOf(this.level) === 0) {
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
      if (needs.has('layout')) this.relayout();
      if (!this.makeRoom(needs.has('room'), bounds)) return { kind: 'limit', reason: 'max-memory' };
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
    const { level, store, control } = this;
    const total = sizeOf(level);
    if (total >= this.small) this.send(bounds);
    if (this.small === 1 && this.hands === undefined) yield this.hiring;
    this.complain();
    const hands = total < this.small ? undefined : this.hands;
    Atomics.store(control, AT.cursor, 0);
    Atomics.store(control, AT.stop, this.halted ? 1 : 0);
    const order = { buffers: store.buffers, log: this.ledger.log, level };
    let answers: readonly Answer[];
    if (hands === undefined) answers = [yield* this.alone({ ...order, most: PIECE })];
    else {
      answers = yield* this.together(hands, { ...order, most: Number.POSITIVE_INFINITY });
      const { search } = this.prepared;
      for (const [i, answer] of answers.entries()) {
        search.offered += answer.offered;
        search.taken += answer.taken;
        search.moved += answer.moved;
        store.count += answer.states;
        this.holes[i] = answer.hole;
      }
      this.ledger.catchUp();
    }
    const cursor = Math.min(Atomics.load(control, AT.cursor), total);
    this.level = [...answers.flatMap(({ left }) => left), ...sliceOf(level, cursor, total)];
    this.before += total - sizeOf(this.level);
    Atomics.store(control, AT.cursor, 0);
    for (const { found, witnessed, marks, nodes } of answers) {
      for (const number of found) this.found.push(number);
      for (const i of witnessed) this.prepared.witnessed.add(i);
      this.prepared.engine.control.coverage.add(marks, nodes);
    }
    return answers;
  }

  private *alone(order: Order): Generator<undefined, Answer> {
    const work = this.member.work(order);
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      yield undefined;
    }
  }

  private *together(
    hands: readonly Hand[],
    order: Order,
  ): Generator<Promise<unknown>, readonly Answer[]> {
    let answers: readonly Answer[] | undefined;
    const all = Promise.all(hands.map((hand) => hand.work(order))).then(
      (given) => {
        answers = given;
      },
      (problem: unknown) => {
        this.trouble = problem;
      },
    );
    while (answers === undefined) {
      let timer: NodeJS.Timeout | undefined;
      const tick = new Promise((resolve) => {
        timer = setTimeout(resolve, WATCH);
      });
      yield Promise.race([all, tick]).finally(() => clearTimeout(timer));
      this.complain();
    }
    return answers;
  }

  /** Sends for hands, the first time. */
  private send({ maxStates }: Bounds): void {
    if (this.hiring !== undefined) return;
    const { control, tally, ledger } = this;
    const coming = Array.from({ length: this.count }, (_, i) =>
      this.hire({ control, tally, index: i + 1, log: ledger.log, maxStates }),
    );
    this.hiring = Promise.all(coming).then(
      (hands) => {
        if (this.hands !== undefined) for (const hand of hands) hand.end();
        else this.hands = hands;
      },
      (problem: unknown) => {
        this.trouble = problem;
      },
    );
  }

  private complain(): void {
    const { trouble } = this;
    if (trouble === undefined) return;
    if (trouble instanceof Unexplorable) throw trouble;
    const reason = trouble instanceof Error ? trouble.message : String(trouble);
    throw new Unexplorable('options.subject', `a worker ended: ${reason}`);
  }

  private check(answers: readonly Answer[]): void {
    for (const { refusal, fault } of answers) {
      if (refusal !== undefined) throw new Unexplorable(refusal.place, refusal.reason);
      if (fault === undefined) continue;
      this.prepared.search.next = fault.state;
      throw new Fault(fault.kind, fault.place, fault.message);
    }
  }

  private relayout(): void {
    const { search } = this.prepared;
    search.relayout();
    const { width, keyWidth } = this.store.layout;
    // Which companion a state has depends on who found it first: one must search alone.
    if (width !== keyWidth) throw needsOrder;
  }

  /** @returns false if there may be no more */
  private makeRoom(wanted: boolean, bounds: Bounds): boolean {
    const { store, ledger, control } = this;
    if (!wanted) return true;
    if (2 * Atomics.load(control, AT.log) > ledger.log.byteLength) ledger.enlarge();
    const blocks = ROOM * (this.count + 1);
    if (store.isFullFor(blocks)) return false;
    if (this.prepared.search.bytes + store.enlargement(blocks) > bounds.maxBytes) return false;
    store.enlarge(blocks);
    return true;
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
