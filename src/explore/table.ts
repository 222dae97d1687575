/**
 * Results of a function that always reads the same few slots: one look in a
 * table by their ids, where a decision tree would take a look for each.
 */
import type { Slots } from './slots.ts';

/** The most bits that the ids together may take: a table of 4 MB. */
const MAX_BITS = 20;

export class Table {
  /** The slots read, in ascending order. */
  readonly reads: readonly number[];
  /** By place in `reads`: how many bits of the index it has, and from which on. */
  readonly bits: readonly number[];
  readonly shifts: Int32Array;
  /** By index: which of `outs`, counted from 1; 0 where nothing is known. */
  places: Uint8Array | Uint16Array | Int32Array;
  /** The different results: slot and id in turn. */
  readonly outs: (readonly number[])[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly slots: Int32Array;
  private readonly layout: number;

  private constructor(reads: readonly number[], bits: readonly number[], slots: Slots) {
    this.reads = reads;
    this.bits = bits;
    this.slots = Int32Array.from(reads);
    this.shifts = new Int32Array(reads.length);
    let at = 0;
    for (const [i, width] of bits.entries()) {
      this.shifts[i] = at;
      at += width;
    }
    this.places = new Uint8Array(2 ** at);
    this.layout = slots.layout;
  }

  /** A table for functions that read `reads`; undefined if it were too large. */
  static over(reads: readonly number[], slots: Slots): Table | undefined {
    const sorted = [...reads].sort((a, b) => a - b);
    const bits = sorted.map((slot) => 32 - Math.clz32((slots.sizes[slot] as number) - 1));
    const sum = bits.reduce((a, b) => a + b, 0);
    return sum > MAX_BITS ? undefined : new Table(sorted, bits, slots);
  }

  /** Whether all ids still fit; a second value of what never differed is more than fits, too. */
  fits(slots: Slots): boolean {
    return slots.layout === this.layout;
  }

  find(v: Int32Array): readonly number[] | undefined {
    const place = this.places[this.index(v)] as number;
    return place === 0 ? undefined : this.outs[place - 1];
  }

  /** @returns false if the function read other slots this time */
  keep(reads: readonly number[], v: Int32Array, out: readonly number[]): boolean {
    if (reads.length !== this.reads.length) return false;
    if (reads.some((slot) => !this.reads.includes(slot))) return false;
    // Few results are different: the smaller the places, the more of them a cache holds.
    const key = out.join();
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.outs.push(out);
      this.numbers.set(key, number);
      if (number === 2 ** 8) this.places = Uint16Array.from(this.places);
      if (number === 2 ** 16) this.places = Int32Array.from(this.places);
    }
    this.places[this.index(v)] = number;
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
