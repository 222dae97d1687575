/**
 * The states seen, in memory that several threads share. A place of the table
 * goes from empty to taken once, by an atomic exchange; the state is written
 * before that, under a number out of a block that its thread has to itself.
 */
import { Layout, type LayoutPlan } from '../layout.ts';
import { bitsAfter, capacityAfter, hashOf, MAX_BITS, MAX_LOAD, StateStore } from '../store.ts';
import { AT, needsRoom } from './ledger.ts';

/** Numbers that a thread takes for itself at a time. */
export const BLOCK = 256;

/** What threads share of the states. */
export interface Buffers {
  readonly words: SharedArrayBuffer;
  readonly parents: SharedArrayBuffer;
  readonly table: SharedArrayBuffer;
  readonly layout: LayoutPlan;
  /** Tells layouts apart. */
  readonly serial: number;
}

/** Room for so many states at first: to make more, all must stand still. */
const FIRST = 1 << 18;

export class SharedStore extends StateStore {
  override readonly shared = true;
  private readonly control: Int32Array;
  /** The numbers left of this thread's block. */
  private next = 0;
  private end = 0;
  /** Pairs of first number and the one after the last: states found since `takeFound`. */
  private found: number[] = [];
  private serial = 0;

  /** @param joining takes its states from another thread's, by `attach` */
  constructor(layout: Layout, control: Int32Array, joining = false) {
    super(layout);
    this.control = control;
    if (joining) {
      this.serial = -1;
      this.count = 1;
      return;
    }
    this.words = new Int32Array(new SharedArrayBuffer(4 * FIRST * layout.width));
    this.parents = new Uint32Array(new SharedArrayBuffer(4 * FIRST));
    this.table = new Int32Array(new SharedArrayBuffer(16 * FIRST));
    this.bits = Math.log2(4 * FIRST);
  }

  /** What another thread needs to use the same states. */
  get buffers(): Buffers {
    return {
      words: this.words.buffer as SharedArrayBuffer,
      parents: this.parents.buffer as SharedArrayBuffer,
      table: this.table.buffer as SharedArrayBuffer,
      layout: this.layout.plan,
      serial: this.serial,
    };
  }

  /** Uses the states that another thread shares, from now on. */
  attach({ words, parents, table, layout, serial }: Buffers, version: number): void {
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
    const room = Math.min(this.parents.length, Math.floor(MAX_LOAD * this.table.length));
    if (Atomics.load(this.control, AT.numbers) + BLOCK > room) throw needsRoom;
    const first = Atomics.add(this.control, AT.numbers, BLOCK);
    if (first + BLOCK > room) {
      Atomics.sub(this.control, AT.numbers, BLOCK);
      throw needsRoom;
    }
    this.next = first;
    this.end = first + BLOCK;
  }

  /** Bytes that `enlarge` would allocate beside those that it then frees. */
  enlargement(blocks: number): number {
    const { capacity, bits } = this.needed(blocks);
    const grown = capacity > this.parents.length ? 4 * capacity * (this.layout.width + 1) : 0;
    return grown + (bits > this.bits ? 4 * 2 ** bits : 0);
  }

  /** True if so many blocks can never be given out. */
  isFullFor(blocks: number): boolean {
    return this.needed(blocks).bits > MAX_BITS;
  }

  /** Makes room for so many blocks, where nobody else is at work. */
  enlarge(blocks: number): void {
    const { capacity, bits } = this.needed(blocks);
    if (capacity > this.parents.length) {
      const words = new Int32Array(new SharedArrayBuffer(4 * capacity * this.layout.width));
      words.set(this.words);
      this.words = words;
      const parents = new Uint32Array(new SharedArrayBuffer(4 * capacity));
      parents.set(this.parents);
      this.parents = parents;
    }
    if (bits > this.bits) this.fillTable(bits);
  }

  private needed(blocks: number): { capacity: number; bits: number } {
    const numbers = Atomics.load(this.control, AT.numbers) + blocks * BLOCK;
    let capacity = this.parents.length;
    while (numbers > capacity) capacity = capacityAfter(capacity);
    let { bits } = this;
    while (numbers > MAX_LOAD * 2 ** bits) bits = bitsAfter(bits);
    return { capacity, bits };
  }

  /** Packs all states anew, where nobody else is at work. */
  override changeLayout(layout: Layout, v: Int32Array): void {
    const old = this.layout;
    const from = this.words;
    const to = new Int32Array(new SharedArrayBuffer(4 * this.parents.length * layout.width));
    const numbers = Atomics.load(this.control, AT.numbers);
    v.fill(0);
    for (let i = 0; i < numbers; i++) {
      old.unpack(from, i * old.width, v);
      layout.pack(v, to, i * layout.width);
    }
    this.layout = layout;
    this.words = to;
    this.serial++;
    this.hashes = new Int32Array(0);
    this.fillTable(this.bits);
  }

  /** Takes the states of a checkpoint; their numbers count as found. */
  override load(words: Int32Array, parents: Uint32Array): void {
    this.next = 0;
    this.end = 0;
    Atomics.store(this.control, AT.numbers, 0);
    this.table.fill(0);
    this.enlarge(Math.ceil(parents.length / BLOCK) + 1);
    this.words.set(words);
    this.parents.set(parents);
    const blocks = Math.ceil(parents.length / BLOCK);
    Atomics.store(this.control, AT.numbers, blocks * BLOCK);
    this.next = parents.length;
    this.end = blocks * BLOCK;
    this.count = parents.length;
    for (let number = 0; number < parents.length; number++) this.enter(number);
  }

  /** A table of the numbers in the old one. */
  private fillTable(bits: number): void {
    const old = this.table;
    const low = old.length - 1;
    this.table = new Int32Array(new SharedArrayBuffer(4 * 2 ** bits));
    this.bits = bits;
    for (let at = 0; at < old.length; at++) {
      const entry = old[at] as number;
      if (entry !== 0) this.enter((entry & low) - 1);
    }
  }

  private enter(number: number): void {
    const { table } = this;
    const { width, keyWidth } = this.layout;
    const low = table.length - 1;
    const hash = hashOf(this.words, number * width, keyWidth);
    let at = hash & low;
    while (table[at] !== 0) at = (at + 1) & low;
    table[at] = (hash & ~low) | (number + 1);
  }
}
