/**
 * Results of a function that always reads the same few slots: one look in a
 * table by their ids, where a decision tree would take a look for each.
 */
import type { Slots } from './slots.ts';

/** The most bits that the ids together may take: a table of 4 MB. */
const MAX_BITS = 20;

export class Table<Out> {
  /** The slots read, in ascending order. */
  readonly reads: readonly number[];
  private readonly slots: Int32Array;
  private readonly shifts: Int32Array;
  private readonly places: Int32Array;
  private readonly outs: Out[] = [];
  private readonly layout: number;
  private readonly epoch: number;

  private constructor(reads: readonly number[], bits: readonly number[], slots: Slots) {
    this.reads = reads;
    this.slots = Int32Array.from(reads);
    this.shifts = new Int32Array(reads.length);
    let at = 0;
    for (const [i, width] of bits.entries()) {
      this.shifts[i] = at;
      at += width;
    }
    this.places = new Int32Array(2 ** at);
    this.layout = slots.layout;
    this.epoch = slots.epoch;
  }

  /** A table for functions that read `reads`; undefined if it were too large. */
  static over<Out>(reads: readonly number[], slots: Slots): Table<Out> | undefined {
    const sorted = [...reads].sort((a, b) => a - b);
    const bits = sorted.map((slot) => 32 - Math.clz32((slots.sizes[slot] as number) - 1));
    const sum = bits.reduce((a, b) => a + b, 0);
    return sum > MAX_BITS ? undefined : new Table(sorted, bits, slots);
  }

  /** Whether all ids still fit, and what was learned still holds. */
  fits(slots: Slots): boolean {
    return slots.layout === this.layout && slots.epoch === this.epoch;
  }

  find(v: Int32Array): Out | undefined {
    const place = this.places[this.index(v)] as number;
    return place === 0 ? undefined : this.outs[place - 1];
  }

  /** @returns false if the function read other slots this time */
  keep(reads: readonly number[], v: Int32Array, out: Out): boolean {
    if (reads.length !== this.reads.length) return false;
    if (reads.some((slot) => !this.reads.includes(slot))) return false;
    this.places[this.index(v)] = this.outs.push(out);
    return true;
  }

  private index(v: Int32Array): number {
    const { slots, shifts } = this;
    let index = 0;
    for (let i = 0; i < slots.length; i++) {
      index |= (v[slots[i] as number] as number) << (shifts[i] as number);
    }
    return index;
  }
}
