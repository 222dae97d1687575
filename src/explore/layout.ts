/** Where in the words of a packed state the id of each slot stands. */
import { MAX_SLOTS, type Slots } from './slots.ts';

export class Layout {
  /** Words of 32 bits a state. */
  readonly width: number;
  /** The first of these words tell states apart; one more may go along. */
  readonly keyWidth: number;
  /** The slots that take part: those with more than one value. */
  readonly slots: Int32Array;
  /** By slot: index of the word, shift in it, mask before shifting. */
  readonly word = new Int32Array(MAX_SLOTS);
  readonly shift = new Int32Array(MAX_SLOTS);
  readonly mask = new Int32Array(MAX_SLOTS);
  /** The version of the slots that this layout fits. */
  readonly version: number;

  /** @param companion the slot that goes along with a state, and is no part of it */
  constructor(slots: Slots, companion: number) {
    this.version = slots.layout;
    const order: { slot: number; bits: number }[] = [];
    for (let slot = 0; slot < slots.count; slot++) {
      const size = slots.sizes[slot] as number;
      if (size > 1 && slot !== companion) order.push({ slot, bits: 32 - Math.clz32(size - 1) });
    }
    const inUse = order.map((entry) => entry.slot);
    order.sort((a, b) => b.bits - a.bits || a.slot - b.slot);
    const free: number[] = [];
    for (const { slot, bits } of order) {
      let at = free.findIndex((room) => room >= bits);
      if (at < 0) at = free.push(32) - 1;
      const room = free[at] as number;
      this.word[slot] = at;
      this.shift[slot] = 32 - room;
      this.mask[slot] = bits === 32 ? -1 : (1 << bits) - 1;
      free[at] = room - bits;
    }
    this.keyWidth = Math.max(1, free.length);
    this.width = this.keyWidth;
    if ((slots.sizes[companion] as number) > 1) {
      this.word[companion] = this.width++;
      this.mask[companion] = -1;
      inUse.push(companion);
    }
    this.slots = Int32Array.from(inUse);
  }

  /** Writes of ids as changes of words: which word, what stays, what is set. */
  opsOf(writes: Int32Array): Int32Array {
    const words = new Map<number, [number, number]>();
    for (let i = 0; i < writes.length; i += 2) {
      const slot = writes[i] as number;
      const shift = this.shift[slot] as number;
      const field = (this.mask[slot] as number) << shift;
      const [keep, set] = words.get(this.word[slot] as number) ?? [-1, 0];
      const bits = ((writes[i + 1] as number) << shift) | (set & ~field);
      words.set(this.word[slot] as number, [keep & ~field, bits]);
    }
    return Int32Array.from([...words].flatMap(([word, [keep, set]]) => [word, keep, set]));
  }

  /** Reads the packed state at `base` into `v`. */
  unpack(words: Int32Array, base: number, v: Int32Array): void {
    const { slots, word, shift, mask } = this;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      const at = words[base + (word[slot] as number)] as number;
      v[slot] = (at >>> (shift[slot] as number)) & (mask[slot] as number);
    }
  }

  /** Writes `v` to the words at `base`. */
  pack(v: Int32Array, words: Int32Array, base: number): void {
    words.fill(0, base, base + this.width);
    for (const slot of this.slots) {
      const at = base + (this.word[slot] as number);
      words[at] = (words[at] as number) | ((v[slot] as number) << (this.shift[slot] as number));
    }
  }
}
