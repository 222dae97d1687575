/** Bytes being encoded, growing as they must. */
import { viewOf } from '../framing/record.ts';
import { Failure, type SchemaErrorKind } from './errors.ts';

const U32 = 2 ** 32;
const FIRST_BYTES = 4096;

/**
 * A growing buffer. The first failure sticks, as for `Input`: what is
 * written afterwards is of no use and is never handed out.
 */
export class Output {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #at = 0;
  #base = 0;
  failure: Failure | null = null;

  /** Bytes written so far. */
  get at(): number {
    return this.#at;
  }

  /** From here on failures count their offsets from the current position. */
  beginBody(): void {
    this.#base = this.#at;
  }

  /** Records a failure at the current position, unless one is known already. */
  fail(kind: SchemaErrorKind, rule: string): void {
    this.failure ??= new Failure(kind, this.#at - this.#base, rule);
  }

  /** Makes room for `count` bytes, moves on by them and gives where they begin. */
  #step(count: number): number {
    const at = this.#at;
    const end = at + count;
    if (end > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.byteLength));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = viewOf(grown);
    }
    this.#at = end;
    return at;
  }

  /** The callers of these have established that `n` fits. */
  u8(n: number): void {
    const at = this.#step(1);
    this.#bytes[at] = n;
  }

  u16(n: number): void {
    const at = this.#step(2);
    this.#view.setUint16(at, n, true);
  }

  u32(n: number): void {
    const at = this.#step(4);
    this.#view.setUint32(at, n, true);
  }

  /** A safe integer as 64 bits, in two's complement when negative. */
  i64(n: number): void {
    const at = this.#step(8);
    const high = Math.floor(n / U32);
    this.#view.setUint32(at, n - high * U32, true);
    this.#view.setInt32(at + 4, high, true);
  }

  put(bytes: Uint8Array): void {
    const at = this.#step(bytes.byteLength);
    this.#bytes.set(bytes, at);
  }

  zeroes(count: number): void {
    const at = this.#step(count);
    this.#bytes.fill(0, at, at + count);
  }

  /** Overwrites the u32 at `at`, which has been written before. */
  patchU32(at: number, n: number): void {
    this.#view.setUint32(at, n, true);
  }

  /** A copy of all that was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }
}
