/** Typed arrays that grow by doubling: packed, and never more than twice full. */

const FIRST = 1024;

/** A growing list of numbers up to 2^53. */
export class GrowableFloat64 {
  #items = new Float64Array(FIRST);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.#length] = value;
    this.#length += 1;
  }

  /** A view of the items; valid until the next `push`. */
  view(): Float64Array {
    return this.#items.subarray(0, this.#length);
  }
}

/** A growing list of bytes. */
export class GrowableUint8 {
  #items = new Uint8Array(FIRST);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.#length] = value;
    this.#length += 1;
  }

  /** A view of the items; valid until the next `push`. */
  view(): Uint8Array {
    return this.#items.subarray(0, this.#length);
  }
}
