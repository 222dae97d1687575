/**
 * Bytes that arrive in chunks: a file, a pipe, a decompressor. Hands out
 * pieces of any length with at most one copy, and holds no more than the
 * piece asked for and one chunk.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { FramingError } from './errors.ts';

/** Anything that yields the stream's bytes in order; chunks of any size. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** First size of the buffer for a piece that spans chunks; it doubles. */
const GATHER_BYTES = 64 * 1024;

const EMPTY = new Uint8Array(0);

const iteratorOf = (source: ByteSource): AsyncIterator<Uint8Array> | Iterator<Uint8Array> =>
  Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();

/**
 * A cursor on a `ByteSource`. Pieces are views on chunks when they lie in one
 * chunk, so they are valid for reading only until the source reuses its
 * buffers: copy what is to be kept.
 */
export class ByteCursor {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #chunk: Uint8Array = EMPTY;
  #at = 0;
  /** What of the last chunk comes behind bytes that were only looked at. */
  #later: Uint8Array = EMPTY;
  #offset: number;
  #failed: FramingError | undefined;

  /** `offset` is the stream offset of the source's first byte. */
  constructor(source: ByteSource, offset = 0) {
    this.#chunks = iteratorOf(source);
    this.#offset = offset;
  }

  /** Offset in the stream of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * The next `length` bytes if they are at hand in one chunk, without
   * waiting; else `undefined` and nothing has happened. The fast path of
   * `take`.
   */
  tryTake(length: number): Uint8Array | undefined {
    const end = this.#at + length;
    if (end > this.#chunk.byteLength) return undefined;
    const piece = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    this.#offset += length;
    return piece;
  }

  /** Passes over `length` bytes if they are at hand; else nothing has happened. */
  trySkip(length: number): boolean {
    if (this.#at + length > this.#chunk.byteLength) return false;
    this.#at += length;
    this.#offset += length;
    return true;
  }

  /**
   * The next `length` bytes. Memory grows with what has arrived, never with
   * what was asked for, so that a false length costs nothing. Errors:
   * `truncated` (named by `what`), `source-failed`.
   */
  async take(length: number, what: string): Promise<E.Either<FramingError, Uint8Array>> {
    const whole = this.tryTake(length);
    if (whole !== undefined) return E.right(whole);
    const start = this.#offset;
    let gathered = new Uint8Array(Math.min(length, GATHER_BYTES));
    let have = 0;
    while (have < length) {
      if (!(await this.#more())) return this.#ended(start, what, length, have);
      const part = this.#step(length - have);
      if (have + part.byteLength > gathered.byteLength) {
        const grown = new Uint8Array(Math.min(length, 2 * (have + part.byteLength)));
        grown.set(gathered.subarray(0, have));
        gathered = grown;
      }
      gathered.set(part, have);
      have += part.byteLength;
    }
    return E.right(gathered);
  }

  /**
   * Looks at the next `most` bytes without going on: fewer only where the
   * source ends. Errors: `source-failed`. At most once between reads.
   */
  async peek(most: number): Promise<E.Either<FramingError, Uint8Array>> {
    const seen = new Uint8Array(most);
    let have = 0;
    while (have < most && (await this.#more())) {
      const part = this.#step(most - have);
      seen.set(part, have);
      have += part.byteLength;
    }
    if (this.#failed !== undefined) return E.left(this.#failed);
    this.#later = this.#chunk.subarray(this.#at);
    this.#chunk = seen.subarray(0, have);
    this.#at = 0;
    this.#offset -= have;
    return E.right(this.#chunk);
  }

  /** Passes over `length` bytes without keeping them. Errors as for `take`. */
  async skip(length: number, what: string): Promise<E.Either<FramingError, void>> {
    const start = this.#offset;
    let left = length;
    while (left > 0) {
      if (!(await this.#more())) return this.#ended(start, what, length, length - left);
      left -= this.#step(left).byteLength;
    }
    return E.right(undefined);
  }

  /** True when no byte is left. Errors: `source-failed`. */
  async atEnd(): Promise<E.Either<FramingError, boolean>> {
    const more = await this.#more();
    return this.#failed === undefined ? E.right(!more) : E.left(this.#failed);
  }

  /** Tells the source that no more will be read, so that it can let go. */
  async close(): Promise<void> {
    try {
      await this.#chunks.return?.();
    } catch {
      // What a source says while it is being closed changes no answer.
    }
  }

  /** Goes on by what the current chunk still has, `most` bytes at most. */
  #step(most: number): Uint8Array {
    const part = this.#chunk.subarray(this.#at, this.#at + most);
    this.#at += part.byteLength;
    this.#offset += part.byteLength;
    return part;
  }

  async #more(): Promise<boolean> {
    while (this.#at === this.#chunk.byteLength) {
      if (this.#later.byteLength > 0) {
        this.#chunk = this.#later;
        this.#later = EMPTY;
        this.#at = 0;
        return true;
      }
      if (this.#failed !== undefined) return false;
      try {
        const result = await this.#chunks.next();
        if (result.done === true) return false;
        this.#chunk = result.value;
        this.#at = 0;
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        this.#failed = { kind: 'source-failed', offset: this.#offset, reason };
        return false;
      }
    }
    return true;
  }

  #ended(
    offset: number,
    what: string,
    wanted: number,
    available: number,
  ): E.Either<FramingError, never> {
    return E.left(this.#failed ?? { kind: 'truncated', offset, what, wanted, available });
  }
}
