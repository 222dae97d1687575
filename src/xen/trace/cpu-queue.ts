/** The records of one CPU that wait for the merge, oldest first. */
import { headerEvent, headerStamped, LOST_RECORDS, recordBytes, WRAP_BUFFER } from './header.ts';
import { compareHalves } from './u64.ts';

/** Whole records in a row, all of one window. */
export interface Segment {
  readonly bytes: DataView;
  /** Index in `bytes` of the first header, and the index behind the last record. */
  readonly start: number;
  readonly end: number;
  /** Offset in the file of index 0 of `bytes`. */
  readonly base: number;
}

/**
 * First in, first out. The head's place in time is kept in `keyHi`, `keyLo`:
 * its TSC; for LOST_RECORDS the TSC of the first lost record, because from
 * there on the file says nothing about this CPU; without a TSC, the key of the
 * record before it.
 */
export class CpuQueue {
  readonly cpu: number;
  keyHi = 0;
  keyLo = 0;
  /** Header word of the head. */
  header = 0;
  /** Whether the head's key is its own TSC, so that it must fit the order. */
  strict = false;
  /** Last TSC that a record of this CPU carried. */
  lastHi = 0;
  lastLo = 0;
  /** Padding records passed over. */
  wraps = 0;
  #segments: Segment[] = [];
  #first = 0;
  #at = 0;

  constructor(cpu: number) {
    this.cpu = cpu;
  }

  /** Whether there is no head. `settle` must have run after the last change. */
  get empty(): boolean {
    return this.#first === this.#segments.length;
  }

  append(segment: Segment): void {
    if (this.empty) {
      this.#segments = [segment];
      this.#first = 0;
      this.#at = segment.start;
    } else {
      this.#segments.push(segment);
    }
  }

  /** Bytes around the head. Call only when not empty. */
  get segment(): Segment {
    return this.#segments[this.#first]!;
  }

  /** Index of the head in `segment.bytes`. */
  get at(): number {
    return this.#at;
  }

  /**
   * Passes over the head. Answers the bytes of the segment when this was its
   * last record, else 0.
   */
  advance(): number {
    const { start, end } = this.segment;
    this.#at += recordBytes(this.header);
    return this.#at < end ? 0 : this.#nextSegment(end - start);
  }

  /**
   * Reads the head's header and key, passing over padding. Answers the bytes
   * of the segments that this used up.
   */
  settle(): number {
    let freed = 0;
    while (!this.empty) {
      const { bytes } = this.segment;
      const header = bytes.getUint32(this.#at, true);
      this.header = header;
      if (headerEvent(header) === WRAP_BUFFER) {
        this.wraps += 1;
        freed += this.advance();
        continue;
      }
      this.#readKey(bytes, header);
      return freed;
    }
    return freed;
  }

  #readKey(bytes: DataView, header: number): void {
    const stamped = headerStamped(header);
    const lost = headerEvent(header) === LOST_RECORDS;
    this.strict = stamped && !lost;
    if (!stamped) return;
    const from = lost ? this.#at + 20 : this.#at + 4;
    const lo = bytes.getUint32(from, true);
    const hi = bytes.getUint32(from + 4, true);
    if (lost && compareHalves(hi, lo, this.keyHi, this.keyLo) < 0) return;
    this.keyHi = hi;
    this.keyLo = lo;
  }

  #nextSegment(freed: number): number {
    this.#first += 1;
    const next = this.#segments[this.#first];
    if (next === undefined) {
      this.#segments = [];
      this.#first = 0;
    } else {
      this.#at = next.start;
      this.#compact();
    }
    return freed;
  }

  /** Lets go of used segments now and then, so that a queue never empty does not grow. */
  #compact(): void {
    if (this.#first < 64) return;
    this.#segments = this.#segments.slice(this.#first);
    this.#first = 0;
  }
}
