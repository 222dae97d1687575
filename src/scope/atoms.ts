/**
 * Parts of a world as numbers: two parts have one number exactly when they
 * are equal, and the number leads back to the part. What was not touched is
 * shared between worlds and known by its identity, so a step costs what it
 * changed.
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';

/** Longest text of bytes that is its own key; longer ones are hashed with SHA-256. */
const SHORT_BYTES = 64;

export class Atoms {
  readonly #known = new WeakMap<object, number>();
  readonly #byText = new Map<string, number>();
  readonly #parts: object[] = [];

  /** The number of a part; equal parts have equal ones. */
  of(part: object): number {
    const known = this.#known.get(part);
    if (known !== undefined) return known;
    const text = this.#textOf(part);
    let id = this.#byText.get(text);
    if (id === undefined) {
      id = this.#parts.push(part) - 1;
      this.#byText.set(text, id);
    }
    this.#known.set(part, id);
    return id;
  }

  /** The part with this number: always the same object. */
  at(id: number): object {
    const part = this.#parts[id];
    if (part === undefined) throw new Error(`no part has the number ${id}`);
    return part;
  }

  /** All parts, each behind those that it is made of. */
  save(): Uint8Array {
    return serialize(this.#parts);
  }

  /**
   * Takes parts over from `save`, with their numbers.
   *
   * @returns false if they are not those of a run that began like this one;
   *   then nothing here is to be used any more
   */
  load(bytes: Uint8Array): boolean {
    let parts: unknown;
    try {
      parts = deserialize(bytes);
    } catch {
      return false;
    }
    return (
      Array.isArray(parts) &&
      parts.length >= this.#parts.length &&
      parts.every((part, id) => typeof part === 'object' && part !== null && this.of(part) === id)
    );
  }

  #textOf(value: object): string {
    if (ArrayBuffer.isView(value)) return bytesText(value);
    if (value instanceof Map)
      return `Map{${[...value].map(([k, v]) => `${this.#valueText(k)}:${this.#valueText(v)}`).join()}}`;
    if (Array.isArray(value)) return `[${value.map((v) => this.#valueText(v)).join()}]`;
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([name, v]) => `${name}:${this.#valueText(v)}`).join()}}`;
  }

  #valueText(value: unknown): string {
    if (typeof value === 'object' && value !== null) return `#${this.of(value)}`;
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  }
}

const bytesText = (view: ArrayBufferView): string => {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const kind = view.constructor.name;
  return bytes.length <= SHORT_BYTES
    ? `${kind} ${bytes.toString('hex')}`
    : `${kind} ${bytes.length} ${createHash('sha256').update(bytes).digest('base64')}`;
};
