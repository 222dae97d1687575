/**
 * Keys of values by what is in them: two values have the same key exactly
 * when they are equal, however they were made. Parts that a step did not
 * touch are shared between hosts, so their keys are remembered by identity
 * and a host costs what changed in it.
 */
import { createHash } from 'node:crypto';

/** Longest text of bytes that is its own key; longer ones are hashed with SHA-256. */
const SHORT_BYTES = 64;

export class Keys {
  readonly #known = new WeakMap<object, number>();
  readonly #byText = new Map<string, number>();

  /** The key of any value of the model: no functions, no cycles. */
  of(value: unknown): number {
    if (typeof value !== 'object' || value === null) return this.#intern(primitive(value));
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const key = this.#intern(this.#textOf(value));
    this.#known.set(value, key);
    return key;
  }

  /** Equal texts, equal numbers. */
  #intern(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const key = this.#byText.size;
    this.#byText.set(text, key);
    return key;
  }

  #textOf(value: object): string {
    if (ArrayBuffer.isView(value)) return bytesText(value);
    if (Array.isArray(value)) return `[${value.map((v) => this.of(v)).join()}]`;
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    // The order in which fields were set is nothing that a step could see.
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([name, v]) => `${name}:${this.of(v)}`).join()}}`;
  }
}

const primitive = (value: unknown): string => `${typeof value} ${String(value)}`;

const bytesText = (view: ArrayBufferView): string => {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const kind = view.constructor.name;
  return bytes.length <= SHORT_BYTES
    ? `${kind} ${bytes.toString('hex')}`
    : `${kind} ${bytes.length} ${createHash('sha256').update(bytes).digest('base64')}`;
};
