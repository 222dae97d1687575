/** Records of a stream that is whole in memory, as the one xen#2 maps (R31). */
import * as E from 'fp-ts/lib/Either.js';
import type { Endian, FramingError } from './errors.ts';
import {
  decodeRecordHeader,
  firstNonZero,
  REC_LENGTH_MAX,
  RECORD_HEADER_BYTES,
  recordBytes,
  type StreamRecord,
  viewOf,
} from './record.ts';

export interface RecordReaderOptions {
  /** Where in `bytes` the first record begins; default 0. */
  readonly start?: number;
  /** Offset of `bytes[0]` in the whole stream, for messages; default 0. */
  readonly base?: number;
  /** Default little. */
  readonly endian?: Endian;
  /** Longest body accepted, in bytes; default `REC_LENGTH_MAX`. */
  readonly maxLength?: number;
  /** `check` (default) refuses padding that is not zero; `ignore` does not. */
  readonly padding?: 'check' | 'ignore';
}

/**
 * Reads record after record. Bodies are views on the input, nothing is
 * copied. Does not know END: the caller stops there. Each call moves on by
 * at least 8 bytes or returns the same answer for ever, so a loop until
 * `undefined` or `Left` ends after at most `bytes.length / 8` turns.
 */
export class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #base: number;
  readonly #endian: Endian;
  readonly #maxLength: number;
  readonly #checkPadding: boolean;
  #at: number;

  constructor(bytes: Uint8Array, options: RecordReaderOptions = {}) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#at = Math.min(options.start ?? 0, bytes.byteLength);
    this.#base = options.base ?? 0;
    this.#endian = options.endian ?? 'little';
    this.#maxLength = options.maxLength ?? REC_LENGTH_MAX;
    this.#checkPadding = options.padding !== 'ignore';
  }

  /** Offset in the stream of the next record's header. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.byteLength - this.#at;
  }

  /**
   * The next record; `Right(undefined)` exactly at the end of the input.
   * Errors: `truncated`, `record-too-long`, `nonzero-padding`. After an
   * error the position is unchanged.
   */
  next(): E.Either<FramingError, StreamRecord | undefined> {
    const available = this.remaining;
    if (available === 0) return E.right(undefined);
    if (available < RECORD_HEADER_BYTES) return this.#cut('record header', 8, available);
    const header = decodeRecordHeader(
      this.#view,
      this.#at,
      this.offset,
      this.#endian,
      this.#maxLength,
    );
    if (E.isLeft(header)) return header;
    const { type, length, offset } = header.right;
    const whole = recordBytes(length);
    if (available < whole) return this.#cut('record', whole, available);
    const from = this.#at + RECORD_HEADER_BYTES;
    const body = this.#bytes.subarray(from, from + length);
    if (this.#checkPadding) {
      const bad = firstNonZero(this.#bytes, from + length, this.#at + whole);
      if (bad >= 0) return E.left({ kind: 'nonzero-padding', offset: this.#base + bad, type });
    }
    this.#at += whole;
    return E.right({ type, length, offset, body });
  }

  #cut(what: string, wanted: number, available: number): E.Either<FramingError, never> {
    return E.left({ kind: 'truncated', offset: this.offset, what, wanted, available });
  }
}
