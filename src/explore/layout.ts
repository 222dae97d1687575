/** Where in the words of a packed state the id of each slot stands. */
import { MAX_SLOTS, type Slots } from './slots.ts';

/** A layout as data that another thread can take. */
export interface LayoutPlan {
  readonly width: number;
  readonly keyWidth: number;
  readonly fields: readonly Field[];
}

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
  /** The version of the slots that this layout is known to fit. */
  version: number;
  /** Tells layouts apart. */
  readonly serial: number;
  readonly plan: LayoutPlan;

  /** @param version the version of the slots that the plan was made for */
  constructor(plan: LayoutPlan, version: number, serial: number) {
    this.plan = plan;
    this.version = version;
    this.serial = serial;
    this.width = plan.width;
    this.keyWidth = plan.keyWidth;
    for (const { slot, word, shift, bits } of plan.fields) {
      this.word[slot] = word;
      this.shift[slot] = shift;
      this.mask[slot] = bits >= 32 ? -1 : (1 << bits) - 1;
    }
    this.slots = Int32Array.from(plan.fields, (field) => field.slot);
  }

  /** Whether every id of every slot has room; if so the version is brought up. */
  fits(slots: Slots): boolean {
    for (let slot = 0; slot < slots.count; slot++) {
      const largest = (slots.sizes[slot] as number) - 1;
      if (((this.mask[slot] as number) & largest) !== largest) return false;
    }
    this.version = slots.layout;
    return true;
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

/** Words of a wide state. */
const WIDE = 8;

/**
 * A plan with room for all values seen so far.
 *
 * @param companion the slot that goes along with a state, and is no part of it
 */
export function planFor(slots: Slots, companion: number): LayoutPlan {
  const inUse: number[] = [];
  for (let slot = 0; slot < slots.count; slot++) {
    if ((slots.sizes[slot] as number) > 1 && slot !== companion) inUse.push(slot);
  }
  const tight = arrange(inUse, (slot) => bitsOf(slots, slot));
  // Room for one bit more where values are still being found, if it costs no word; a wide
  // state may grow by half, for its slots are many, and each would ask for another layout.
  const roomy = arrange(
    inUse,
    (slot) => bitsOf(slots, slot) + (slots.domains[slot]?.descs.length === 0 ? 0 : 1),
  );
  const most = tight.words < WIDE ? tight.words : Math.floor(1.5 * tight.words);
  const { words, fields } = roomy.words <= most ? roomy : tight;
  const keyWidth = Math.max(1, words);
  if ((slots.sizes[companion] as number) < 2) return { width: keyWidth, keyWidth, fields };
  const along: Field = { slot: companion, word: keyWidth, shift: 0, bits: 32 };
  return { width: keyWidth + 1, keyWidth, fields: [...fields, along] };
}

/** Where the id of a slot stands. */
export interface Field {
  readonly slot: number;
  readonly word: number;
  readonly shift: number;
  readonly bits: number;
}

function bitsOf(slots: Slots, slot: number): number {
  return 32 - Math.clz32((slots.sizes[slot] as number) - 1);
}

/** Puts fields into words, the widest first, each where it first fits. */
function arrange(
  slots: readonly number[],
  bitsFor: (slot: number) => number,
): { words: number; fields: Field[] } {
  const order = slots.map((slot) => ({ slot, bits: Math.min(32, bitsFor(slot)) }));
  order.sort((a, b) => b.bits - a.bits || a.slot - b.slot);
  const room: number[] = [];
  const fields = order.map(({ slot, bits }) => {
    let word = room.findIndex((left) => left >= bits);
    if (word < 0) word = room.push(32) - 1;
    const left = room[word] as number;
    room[word] = left - bits;
    return { slot, word, shift: 32 - left, bits };
  });
  return { words: room.length, fields };
}
