/**
 * The states seen, in memory that several threads share. A place of the table
 * goes from empty to taken once, by an atomic exchange; the state is written
 * before that, under a number out of a block that its thread has to itself.
 */
import { enterPart, enterRest, hashOf } from '../entering.ts';
import { Layout, type LayoutPlan } from '../layout.ts';
import { repacker } from '../repack.ts';
import { bitsAfter, capacityAfter, MAX_BITS, MAX_LOAD, StateStore } from '../store.ts';
import { AT, needsRoom } from './ledger.ts';
import { type Ranges, shareOf, withoutHoles } from './ranges.ts';

/** Numbers that a thread takes for itself at a time. */
export const BLOCK = 256;

/** What threads share of the states. */
export interface Buffers {
  readonly words: SharedArrayBuffer;
  readonly parents: SharedArrayBuffer;
  readonly table: SharedArrayBuffer;
  /** Numbers that may be given out. */
  readonly capacity: number;
  readonly layout: LayoutPlan;
  /** Tells layouts apart. */
  readonly serial: number;
}

/** States as they were packed before. */
export interface Packed {
  readonly words: SharedArrayBuffer;
  readonly layout: LayoutPlan;
}

/** Numbers in a page of memory, or in a part of one. */
const PAGE = 1024;

/** Room for so many numbers at first. */
const FIRST = 1 << 18;

/** The first table, and the second one: for a larger one all must stand still. */
const FIRST_BITS = 22;
const SECOND_BITS = 24;

/**
 * Bytes set aside for states and parents, so that they need not be moved when
 * there is to be room for more. The system gives no memory for a page that
 * nobody has written to, and only what may be written counts as used.
 */
const ASIDE = 2 ** 27;

export class SharedStore extends StateStore {
  /** False while nobody else uses the states, so that one may change the layout at once. */
  override shared = true;
  /** Numbers that are no states, beside the ones that this thread has for itself. */
  holes: readonly (readonly [number, number])[] = [];
  private readonly control: Int32Array;
  private readonly maxBytes: number;
  /** Numbers that may be given out. */
  private capacity = 0;
  /** The numbers left of this thread's block. */
  private next = 0;
  private end = 0;
  /** Pairs of first number and the one after the last: states found since `takeFound`. */
  private found: number[] = [];
  private serial = 0;

  /**
   * @param joining takes its states from another thread's, by `attach`
   * @param maxBytes begins small where there may be no more than these
   */
  constructor(
    layout: Layout,
    control: Int32Array,
    joining = false,
    maxBytes = Number.POSITIVE_INFINITY,
  ) {
    super(layout);
    this.control = control;
    this.maxBytes = maxBytes;
    if (joining) {
      this.serial = -1;
      this.count = 1;
      return;
    }
    this.bits = FIRST_BITS;
    while (this.bits > 12 && 16 * 2 ** this.bits > maxBytes) this.bits--;
    this.capacity = Math.min(FIRST, 2 ** (this.bits - 2));
    this.empty(this.bits);
    this.setAside(layout.width);
  }

  override get bytes(): number {
    return 4 * this.capacity * (this.layout.width + 1) + this.table.byteLength;
  }

  /** What another thread needs to use the same states. */
  get buffers(): Buffers {
    return {
      words: this.words.buffer as SharedArrayBuffer,
      parents: this.parents.buffer as SharedArrayBuffer,
      table: this.table.buffer as SharedArrayBuffer,
      capacity: this.capacity,
      layout: this.layout.plan,
      serial: this.serial,
    };
  }

  /** Uses the states that another thread shares, from now on. */
  attach(buffers: Buffers, version: number): void {
    const { words, parents, table, capacity, layout, serial } = buffers;
    this.capacity = capacity;
    if (this.words.buffer !== words) this.words = new Int32Array(words);
    if (this.parents.buffer !== parents) this.parents = new Uint32Array(parents);
    if (this.table.buffer !== table) this.table = new Int32Array(table);
    this.bits = 31 - Math.clz32(this.table.length);
    if (this.serial === serial) return;
    this.serial = serial;
    this.layout = new Layout(layout, version, serial);
    this.hashes = new Int32Array(0);
  }

  /** The ranges of numbers found since this was asked last. */
  takeFound(): number[] {
    const { found } = this;
    this.found = [];
    return found;
  }

  /** The numbers that this thread has for itself and not used. */
  get hole(): readonly [number, number] {
    return [this.next, this.end];
  }

  /** @throws needsRoom; states that were added stay */
  override settle(): void {
    const { waiting, hashes, entries, table } = this;
    const low = table.length - 1;
    for (let k = 0; k < waiting; k++) {
      entries[k] = table[(hashes[k] as number) & low] as number;
    }
    this.waiting = 0;
    for (let k = 0; k < waiting; k++) {
      const hash = hashes[k] as number;
      const entry = entries[k] as number;
      const same = ((entry ^ hash) & ~low) === 0 && entry !== 0;
      if (!(same && this.equals((entry & low) - 1, k))) this.place(k, hash);
    }
  }

  private place(k: number, hash: number): void {
    const { table } = this;
    const low = table.length - 1;
    let mine = 0;
    for (let at = hash & low; ; at = (at + 1) & low) {
      // Read as it comes, which is twice as fast as Atomics.load. An entry that is not seen
      // yet is seen by the exchange; behind one that is seen its state is there, since it
      // was written before, and is read from where the entry says.
      let entry = table[at] as number;
      if (entry === 0) {
        if (mine === 0) mine = (hash & ~low) | (this.write(k) + 1);
        entry = Atomics.compareExchange(table, at, 0, mine);
        if (entry === 0) {
          this.use();
          return;
        }
      }
      if (((entry ^ hash) & ~low) === 0 && this.equals((entry & low) - 1, k)) return;
    }
  }

  /** Writes the state at `k` in line under a number that is not in use yet. */
  private write(k: number): number {
    if (this.next === this.end) this.takeBlock();
    const { next, words, line } = this;
    const { width } = this.layout;
    for (let i = 0; i < width; i++) words[next * width + i] = line[k * width + i] as number;
    this.parents[next] = this.sources[k] as number;
    return next;
  }

  private use(): void {
    const { found, next } = this;
    if (found.at(-1) === next) found[found.length - 1] = next + 1;
    else found.push(next, next + 1);
    this.next++;
    this.count++;
  }

  private takeBlock(): void {
    const room = Math.min(this.capacity, Math.floor(MAX_LOAD * this.table.length));
    if (Atomics.load(this.control, AT.numbers) + BLOCK > room) throw needsRoom;
    const first = Atomics.add(this.control, AT.numbers, BLOCK);
    if (first + BLOCK > room) {
      Atomics.sub(this.control, AT.numbers, BLOCK);
      throw needsRoom;
    }
    this.next = first;
    this.end = first + BLOCK;
  }

  /** Bytes that `enlarge` would add to those in use. */
  enlargement(blocks: number): number {
    const { capacity, bits } = this.needed(blocks);
    const grown = 4 * (capacity - this.capacity) * (this.layout.width + 1);
    return grown + (bits > this.bits ? 4 * 2 ** bits : 0);
  }

  /** True if so many blocks can never be given out. */
  isFullFor(blocks: number): boolean {
    return this.needed(blocks).bits > MAX_BITS;
  }

  /**
   * Makes room for so many blocks, where nobody else is at work.
   *
   * @returns true if there is a larger table, to which no state is entered yet
   */
  enlarge(blocks: number): boolean {
    const { capacity, bits } = this.needed(blocks);
    this.capacity = capacity;
    if (capacity > this.parents.length) {
      const { words, parents } = this;
      this.setAside(this.layout.width);
      this.words.set(words);
      this.parents.set(parents);
    }
    if (bits === this.bits) return false;
    this.empty(bits);
    return true;
  }

  /** The numbers of all states, where nobody else is at work. */
  get numbers(): Ranges {
    return withoutHoles(Atomics.load(this.control, AT.numbers), [...this.holes, this.hole]);
  }

  /**
   * Enters states in a table that has none of them: those that belong into one
   * of `parts` parts of it, so that several can do this at the same time.
   *
   * @returns those for which there was no place before the end of the part, for
   *   `enterRest` when all are done
   */
  enter(numbers: Ranges, part = 0, parts = 1): readonly number[] {
    const { table, entered } = this;
    const from = Math.floor((part * table.length) / parts);
    const to = Math.floor(((part + 1) * table.length) / parts);
    // Written to before it is read: a page that is read first is fetched twice.
    if (parts > 1) for (let at = from; at < to; at += PAGE) table[at] = 0;
    const rest: number[] = [];
    for (let i = 0; i < numbers.length; i += 2) {
      enterPart(entered, numbers[i] as number, numbers[i + 1] as number, from, to, rest);
    }
    return rest;
  }

  /** Enters states wherever there is a place for them. */
  enterRest(numbers: readonly number[]): void {
    enterRest(this.entered, numbers);
  }

  private needed(blocks: number): { capacity: number; bits: number } {
    const numbers = Atomics.load(this.control, AT.numbers) + blocks * BLOCK;
    let { bits, capacity } = this;
    while (numbers > capacity) capacity = capacityAfter(capacity);
    // No more than what is set aside, if that will do: more would have to be moved.
    const aside = this.parents.length;
    if (numbers <= aside) capacity = Math.min(capacity, aside);
    while (numbers > MAX_LOAD * 2 ** bits) bits = this.bitsAfter(bits);
    return { capacity, bits };
  }

  /** Packs all states anew, where nobody else is at work; for few, in place. */
  override changeLayout(layout: Layout): void {
    const { numbers, layout: old, parents } = this;
    const end = numbers.at(-1) ?? 0;
    const from = this.words.slice(0, end * old.width);
    this.takeOut(numbers);
    if (layout.width !== old.width) {
      this.setAside(layout.width);
      this.parents.set(parents.subarray(0, end));
    }
    this.useLayout(layout);
    const pack = repacker(old, layout);
    for (let i = 0; i < numbers.length; i += 2) {
      pack(from, this.words, numbers[i] as number, numbers[i + 1] as number);
    }
    this.enterRest(this.enter(numbers));
  }

  /** Empties the places of states, and so the table. */
  private takeOut(numbers: Ranges): void {
    const { table, words, layout } = this;
    const low = table.length - 1;
    for (let i = 0; i < numbers.length; i += 2) {
      const end = numbers[i + 1] as number;
      for (let number = numbers[i] as number; number < end; number++) {
        let at = hashOf(words, number * layout.width, layout.keyWidth) & low;
        while (((table[at] as number) & low) !== number + 1) at = (at + 1) & low;
        table[at] = 0;
      }
    }
  }

  private useLayout(layout: Layout): void {
    this.layout = layout;
    this.serial++;
    this.hashes = new Int32Array(0);
  }

  /**
   * Has another layout from now on, and room for as many states, but none of
   * them packed and entered yet.
   *
   * @returns the states as they were, for `repack`
   */
  takeLayout(layout: Layout): Packed {
    const { words, parents } = this;
    const old = { words: words.buffer as SharedArrayBuffer, layout: this.layout.plan };
    this.setAside(layout.width);
    this.parents.set(parents.subarray(0, this.capacity));
    this.useLayout(layout);
    this.empty(this.bits);
    return old;
  }

  /** Packs one of `parts` shares of states anew. */
  repack(numbers: Ranges, old: Packed, part = 0, parts = 1): void {
    const from = new Int32Array(old.words);
    const pack = repacker(new Layout(old.layout, 0, -1), this.layout);
    const share = shareOf(numbers, part, parts);
    for (let i = 0; i < share.length; i += 2) {
      pack(from, this.words, share[i] as number, share[i + 1] as number);
    }
  }

  /** Takes the states of a checkpoint; their numbers count as found. */
  override load(words: Int32Array, parents: Uint32Array): void {
    this.next = 0;
    this.end = 0;
    Atomics.store(this.control, AT.numbers, 0);
    const blocks = Math.ceil(parents.length / BLOCK);
    if (!this.enlarge(blocks + 1)) this.table.fill(0);
    this.words.set(words);
    this.parents.set(parents);
    Atomics.store(this.control, AT.numbers, blocks * BLOCK);
    this.next = parents.length;
    this.end = blocks * BLOCK;
    this.count = parents.length;
    this.enterRest(this.enter([0, parents.length]));
  }

  /** Arrays of this thread's own, with room for `capacity` states of so many words. */
  private setAside(width: number): void {
    const each = 4 * (width + 1);
    const most = Math.floor(Math.min(ASIDE, this.maxBytes) / each);
    const states = this.capacity > most ? 2 * this.capacity : most;
    this.words = new Int32Array(new SharedArrayBuffer(4 * states * width));
    this.parents = new Uint32Array(new SharedArrayBuffer(4 * states));
  }

  private empty(bits: number): void {
    this.bits = bits;
    this.table = new Int32Array(new SharedArrayBuffer(4 * 2 ** bits));
  }

  /** How large a table takes the place of one of 2^`now` places. */
  private bitsAfter(now: number): number {
    const larger = now < SECOND_BITS ? SECOND_BITS : now + 1;
    return 8 * 2 ** larger > this.maxBytes ? bitsAfter(now) : larger;
  }
}

/**
 * Has the system give memory for a table now. It does so page by page when
 * states are entered, which one who has nothing to do can spare the others;
 * nothing changes, whatever they write meanwhile.
 */
export function fetchPages(table: SharedArrayBuffer): void {
  const places = new Int32Array(table);
  for (let at = 0; at < places.length; at += PAGE) Atomics.or(places, at, 0);
}
