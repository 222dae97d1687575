/**
 * The states seen, in the order of their finding: packed words, the state each
 * was found from, and an open-addressed table of their numbers.
 */
import type { Code, Filler } from './code.ts';
import { type Entered, enterPart, enterRest, finish, mix } from './entering.ts';
import type { Layout } from './layout.ts';
import { repacker } from './repack.ts';
import { MAX_SLOTS } from './slots.ts';

/** No state: the parent of the first one, or "not in the store". */
export const NO_STATE = 0xffffffff;

/** The table holds at most this share of its places. */
export const MAX_LOAD = 0.8;

/** The largest table: 2^28 places, 214 million states. */
export const MAX_BITS = 28;

export class StateStore {
  layout: Layout;
  /** True if other threads add states too: the layout is not for one to change. */
  readonly shared: boolean = false;
  /** So many states may wait in line, the more the better for memory. */
  readonly patience: number = 32;
  /** States held. */
  count = 0;
  words: Int32Array;
  parents: Uint32Array;
  protected bits = 12;
  /** The upper bits of an entry are those of the hash, the lower number + 1. */
  protected table: Int32Array = new Int32Array(1 << 12);
  /** The state being looked up. */
  readonly probe = new Int32Array(MAX_WIDTH);
  /** The states in line, their hashes, and the entries first met for these. */
  protected line = new Int32Array(0);
  protected hashes = new Int32Array(0);
  protected entries = new Int32Array(0);
  protected sources = new Uint32Array(0);
  waiting = 0;
  /** The state that those put in line are found from. */
  from = NO_STATE;

  constructor(layout: Layout) {
    this.layout = layout;
    this.words = new Int32Array(1024 * layout.width);
    this.parents = new Uint32Array(1024);
  }

  /** Bytes that the store has allocated. */
  get bytes(): number {
    return this.words.byteLength + this.parents.byteLength + this.table.byteLength;
  }

  /** Bytes that adding one more state would allocate; 0 while there is room. */
  get growth(): number {
    let bytes = 0;
    if (this.count === this.parents.length) {
      bytes += 4 * capacityAfter(this.parents.length) * (this.layout.width + 1);
    }
    if (this.count + 1 > MAX_LOAD * this.table.length) bytes += 4 * 2 ** bitsAfter(this.bits);
    return bytes;
  }

  /** True if no further state can be held at all. */
  get full(): boolean {
    return this.bits === MAX_BITS && this.count + 1 > MAX_LOAD * this.table.length;
  }

  /** Adds the state in `probe` unless it is held. */
  add(parent: number): void {
    this.from = parent;
    this.propose();
    this.settle();
  }

  /** Takes the state in `probe` in line; `settle` adds it unless it is held. */
  propose(): void {
    const { keyWidth, width } = this.layout;
    const { probe } = this;
    if (this.waiting === this.hashes.length) this.widen();
    const base = this.waiting * width;
    let hash = 0x9e3779b9 | 0;
    for (let i = 0; i < keyWidth; i++) {
      const word = probe[i] as number;
      this.line[base + i] = word;
      hash = mix(hash, word);
    }
    if (keyWidth < width) this.line[base + keyWidth] = probe[keyWidth] as number;
    this.sources[this.waiting] = this.from;
    this.hashes[this.waiting++] = finish(hash);
  }

  /**
   * Puts the successors that code finds for a state in line.
   *
   * @returns how many they are
   */
  fill(code: Code, state: number, missed: Int32Array, out: Int32Array): number {
    const { width } = this.layout;
    const { waiting } = this;
    while (this.hashes.length < waiting + missed.length) this.widen();
    const { words, line, sources } = this;
    const { fill } = code;
    let p = waiting * width;
    for (let i = 0; i < fill.length; i++) {
      p = (fill[i] as Filler)(words, state * width, line, p, missed, out);
    }
    const end = p / width;
    code.hash(line, this.hashes, waiting, end);
    for (let k = waiting; k < end; k++) sources[k] = state;
    this.waiting = end;
    return end - waiting;
  }

  /**
   * Adds the states in line that are not held. Looking them up together lets
   * the processor fetch their places at the same time.
   */
  settle(): void {
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
      if (!(same && this.equals((entry & low) - 1, k))) this.insert(k, hash);
    }
  }

  /** Forgets the states in line. */
  drop(): void {
    this.waiting = 0;
  }

  private insert(k: number, hash: number): void {
    const { table } = this;
    const low = table.length - 1;
    let at = hash & low;
    for (;;) {
      const entry = table[at] as number;
      if (entry === 0) break;
      if (((entry ^ hash) & ~low) === 0 && this.equals((entry & low) - 1, k)) return;
      at = (at + 1) & low;
    }
    if (this.count === this.parents.length) this.grow();
    const { width } = this.layout;
    const base = this.count * width;
    const { words, line } = this;
    for (let i = 0; i < width; i++) words[base + i] = line[k * width + i] as number;
    this.parents[this.count] = this.sources[k] as number;
    this.count++;
    table[at] = (hash & ~low) | this.count;
    if (this.count > MAX_LOAD * table.length) this.rehash(bitsAfter(this.bits));
  }

  private widen(): void {
    const room = Math.max(64, 2 * this.hashes.length);
    const hashes = new Int32Array(room);
    hashes.set(this.hashes);
    this.hashes = hashes;
    this.entries = new Int32Array(room);
    const sources = new Uint32Array(room);
    sources.set(this.sources.subarray(0, this.waiting));
    this.sources = sources;
    const line = new Int32Array(room * this.layout.width);
    line.set(this.line.subarray(0, this.waiting * this.layout.width));
    this.line = line;
  }

  /** The number of the state in `probe`, or NO_STATE. */
  find(): number {
    this.propose();
    const k = --this.waiting;
    const hash = this.hashes[k] as number;
    const { table } = this;
    const low = table.length - 1;
    for (let at = hash & low; ; at = (at + 1) & low) {
      const entry = table[at] as number;
      if (entry === 0) return NO_STATE;
      const number = (entry & low) - 1;
      if (((entry ^ hash) & ~low) === 0 && this.equals(number, k)) return number;
    }
  }

  /** Reads a state. */
  read(number: number, v: Int32Array): void {
    this.layout.unpack(this.words, number * this.layout.width, v);
  }

  /** Packs all states anew. */
  changeLayout(layout: Layout): void {
    const to = new Int32Array(this.parents.length * layout.width);
    repacker(this.layout, layout)(this.words, to, 0, this.count);
    this.layout = layout;
    this.words = to;
    this.hashes = new Int32Array(0);
    this.rehash(this.bits);
  }

  /** Takes the states of a checkpoint. */
  load(words: Int32Array, parents: Uint32Array): void {
    this.words = words;
    this.parents = parents;
    this.count = parents.length;
    let bits = this.bits;
    while (this.count > MAX_LOAD * 2 ** bits) bits++;
    this.rehash(bits);
  }

  /** Whether a held state is the one at `k` in line. */
  protected equals(number: number, k: number): boolean {
    const { words, line } = this;
    const { width, keyWidth } = this.layout;
    const base = number * width;
    const other = k * width;
    for (let i = 0; i < keyWidth; i++) if (words[base + i] !== line[other + i]) return false;
    return true;
  }

  private grow(): void {
    const capacity = capacityAfter(this.parents.length);
    const words = new Int32Array(capacity * this.layout.width);
    words.set(this.words);
    this.words = words;
    const parents = new Uint32Array(capacity);
    parents.set(this.parents);
    this.parents = parents;
  }

  private rehash(bits: number): void {
    if (bits > MAX_BITS) return;
    this.bits = bits;
    this.table = new Int32Array(2 ** bits);
    const rest: number[] = [];
    enterPart(this.entered, 0, this.count, 0, this.table.length, rest);
    enterRest(this.entered, rest);
  }

  protected get entered(): Entered {
    const { table, words } = this;
    const { width, keyWidth } = this.layout;
    return { table, words, width, keyWidth };
  }
}

/** The widest packed state, in words: every slot with a word of its own. */
const MAX_WIDTH = MAX_SLOTS;

/**
 * How large a table takes the place of one of 2^`now` places: four times as
 * large at first, for filling it anew costs more than the room.
 */
export function bitsAfter(now: number): number {
  return now < 22 ? Math.min(now + 2, 22) : now + 1;
}

/** How many states to make room for when there is room for `now`. */
export function capacityAfter(now: number): number {
  return now < 1 << 20 ? Math.max(1024, now * 2) : Math.ceil(now * 1.25);
}
