/**
 * One trace record under a cursor. The reader moves a single cursor over the
 * bytes, so reading a record allocates nothing; what is to outlive the visit
 * is copied out, field by field or with `decodeRecord`.
 */
import { headerEvent, headerStamped, headerWords } from './header.ts';
import type { U64 } from './u64.ts';

/** What a visitor sees of the record under the cursor. */
export interface TraceRecord {
  /** The 28-bit event, class and subclass included. */
  readonly event: number;
  /** Physical CPU whose buffer held the record (from CPU_CHANGE). */
  readonly cpu: number;
  /** Number of extra words, 0 to 7. */
  readonly words: number;
  /** High half of the time at which the record stands in the merged order. */
  readonly tscHi: number;
  /** Low half of it. */
  readonly tscLo: number;
  /**
   * Whether the time is the record's own. Else it is the last one of its
   * CPU, or that of the record merged just before where that is later.
   * LOST_RECORDS stands at the TSC of the first lost record.
   */
  readonly stamped: boolean;
  /** Byte offset of the header word in the (decompressed) file. */
  readonly offset: number;
  /** Extra word `index`; 0 for one that the record does not have. */
  word(index: number): number;
  /** High half of the TSC that the record itself carries; 0 without one. */
  ownTscHi(): number;
  /** Low half of it; 0 without one. */
  ownTscLo(): number;
}

/** Position in the merged order, as a pair. */
export const tscOf = (record: TraceRecord): U64 => ({ hi: record.tscHi, lo: record.tscLo });

/** The extra words, copied. */
export const wordsOf = (record: TraceRecord): readonly number[] =>
  Array.from({ length: record.words }, (_, index) => record.word(index));

const NOTHING = new DataView(new ArrayBuffer(0));

/** The cursor that the merge moves; visitors get it as a `TraceRecord`. */
export class RecordCursor implements TraceRecord {
  event = 0;
  cpu = 0;
  words = 0;
  tscHi = 0;
  tscLo = 0;
  stamped = false;
  offset = 0;
  #bytes: DataView = NOTHING;
  #tscAt = -1;
  #wordsAt = 0;

  word(index: number): number {
    return index >= 0 && index < this.words
      ? this.#bytes.getUint32(this.#wordsAt + 4 * index, true)
      : 0;
  }

  ownTscHi(): number {
    return this.#tscAt < 0 ? 0 : this.#bytes.getUint32(this.#tscAt + 4, true);
  }

  ownTscLo(): number {
    return this.#tscAt < 0 ? 0 : this.#bytes.getUint32(this.#tscAt, true);
  }

  /** Puts the cursor on the record whose header word is at `at`. */
  moveTo(bytes: DataView, at: number, header: number): void {
    const carriesTsc = headerStamped(header);
    this.event = headerEvent(header);
    this.words = headerWords(header);
    this.#bytes = bytes;
    this.#tscAt = carriesTsc ? at + 4 : -1;
    this.#wordsAt = carriesTsc ? at + 12 : at + 4;
  }
}
