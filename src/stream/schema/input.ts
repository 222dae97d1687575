/** Bytes to decode from, never read beyond their end. */
import { viewOf } from '../framing/record.ts';
import { Failure, type SchemaErrorKind } from './errors.ts';

const U32 = 2 ** 32;
/** High words below this keep a u64 exact in a double. */
const EXACT_HIGH = 2 ** 21;

/**
 * A cursor over a body. The first failure sticks: from then on every read
 * gives 0 or nothing and the cursor stands at the end, so that callers may
 * look at `failure` once for several reads, and loops end.
 */
export class Input {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  failure: Failure | null = null;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = viewOf(bytes);
  }

  get at(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.bytes.byteLength - this.#at;
  }

  /** Records a failure at `offset`, unless one is known already. */
  fail(kind: SchemaErrorKind, rule: string, offset: number = this.#at): void {
    this.failure ??= new Failure(kind, offset, rule);
    this.#at = this.bytes.byteLength;
  }

  #step(count: number): number {
    const at = this.#at;
    if (count > this.bytes.byteLength - at) {
      this.fail('short', `${count} bytes, ${this.remaining} left`);
      return -1;
    }
    this.#at = at + count;
    return at;
  }

  u8(): number {
    const at = this.#step(1);
    return at < 0 ? 0 : (this.bytes[at] as number);
  }

  u16(): number {
    const at = this.#step(2);
    return at < 0 ? 0 : this.#view.getUint16(at, true);
  }

  u32(): number {
    const at = this.#step(4);
    return at < 0 ? 0 : this.#view.getUint32(at, true);
  }

  /** A u64 that a double holds exactly; above 2^53 - 1 a failure. */
  u64(): number {
    const at = this.#step(8);
    if (at < 0) return 0;
    const high = this.#view.getUint32(at + 4, true);
    if (high >= EXACT_HIGH) {
      this.fail('range', 'a u64 below 2^53', at);
      return 0;
    }
    return high * U32 + this.#view.getUint32(at, true);
  }

  /** An i64 that a double holds exactly; beyond +-(2^53 - 1) a failure. */
  i64(): number {
    const at = this.#step(8);
    if (at < 0) return 0;
    const value = this.#view.getInt32(at + 4, true) * U32 + this.#view.getUint32(at, true);
    if (!Number.isSafeInteger(value)) {
      this.fail('range', 'an i64 within +-2^53', at);
      return 0;
    }
    return value;
  }

  /** A view of the next `count` bytes; empty after a failure. */
  take(count: number): Uint8Array {
    const at = this.#step(count);
    return at < 0 ? this.bytes.subarray(0, 0) : this.bytes.subarray(at, at + count);
  }

  /** A count of items of at least `itemBytes` each: refused before anything is made for it. */
  count(itemBytes: number): number {
    const at = this.#at;
    const count = this.u32();
    if (count * itemBytes > this.remaining) {
      this.fail('length', `at most ${Math.floor(this.remaining / itemBytes)} items`, at);
      return 0;
    }
    return count;
  }
}
