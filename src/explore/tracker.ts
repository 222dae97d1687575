/**
 * Who read what: the list of slots that a run looked at. A slot that has one
 * value only is listed apart, as ground that the run rests on: what is learned
 * from it is forgotten when a second value appears.
 */
import { MAX_SLOTS, partsOf, type Slots } from './slots.ts';

export class Tracker {
  /** The state the reads see. */
  v: Int32Array = new Int32Array(MAX_SLOTS);
  /** Slots read since `begin`, in the order of their first reading. */
  readonly reads: number[] = [];
  /** What the run rests on: slots with one value, and `partsOf` slots written. */
  readonly grounds: number[] = [];
  /** While above 0, reads are answered and not listed. */
  paused = 0;
  /** Where reads are listed instead, while what is read for one part is told apart. */
  private part: number[] | undefined;
  /** Counts runs, so that proxies of an earlier run can be told. */
  run = 0;
  private readonly slots: Slots;
  private readonly seen = new Int32Array(MAX_SLOTS);
  private readonly written = new Int32Array(MAX_SLOTS);

  constructor(slots: Slots) {
    this.slots = slots;
  }

  /** Starts a list of reads on the state `v`. */
  begin(v: Int32Array): void {
    this.v = v;
    this.reads.length = 0;
    this.grounds.length = 0;
    this.paused = 0;
    this.part = undefined;
    this.run++;
  }

  /** The id at a slot, listed. */
  read(slot: number): number {
    if (this.paused === 0 && this.seen[slot] !== this.run) this.list(slot);
    return this.v[slot] as number;
  }

  /** All that is known to be below a slot is written: nothing else must come to be there. */
  writes(slot: number): void {
    if (this.written[slot] === this.run) return;
    this.written[slot] = this.run;
    this.grounds.push(partsOf(slot));
  }

  private list(slot: number): void {
    const { part } = this;
    if ((this.slots.sizes[slot] ?? 0) < 2) {
      this.seen[slot] = this.run;
      this.grounds.push(slot);
    } else if (part === undefined) {
      this.seen[slot] = this.run;
      this.reads.push(slot);
    } else if (!part.includes(slot)) part.push(slot);
  }

  /**
   * Runs `body` and gives what it read that was not read before, which does
   * not count as read thereby.
   */
  apart<T>(body: () => T): [T, readonly number[]] {
    const { part } = this;
    const own: number[] = [];
    this.part = own;
    try {
      return [body(), own];
    } finally {
      this.part = part;
    }
  }

  /** Runs `body` without listing its reads. */
  unlisted<T>(body: () => T): T {
    this.paused++;
    try {
      return body();
    } finally {
      this.paused--;
    }
  }
}
