/**
 * What a function of packed worlds gave, found again by the fields that it
 * read. A pure function reads the same field first each time, and what it
 * reads next hangs on what it found, so its runs form a decision tree. The
 * tree outlives a search: designs, and searches that begin anew, share it.
 *
 * Sound as far as the function is one of the fields alone; what it learns
 * from elsewhere must be the same in each run.
 */
import type { Packed } from './packed-world.ts';

/** The result (field null), or a test: one value and what follows, others beside it. */
interface Node {
  readonly field: string | null;
  readonly value: unknown;
  next: Node | null;
  others: Map<unknown, Node> | null;
  readonly out: unknown;
}

const test = (field: string, value: unknown): Node => ({
  field,
  value,
  next: null,
  others: null,
  out: undefined,
});
const result = (out: unknown): Node => ({
  field: null,
  value: undefined,
  next: null,
  others: null,
  out,
});

const MINUS_ZERO = Symbol('-0');
/** A map takes -0 for 0. */
const keyOf = (value: unknown): unknown => (Object.is(value, -0) ? MINUS_ZERO : value);

const unlisted = (): never => {
  throw new Error('a packed world is read field by field');
};

/** A record that lists which of its fields are read, in the order of their first reading. */
const recorded = (packed: Packed, fields: string[], values: unknown[]): Packed => {
  const known = new Map<string, unknown>();
  return new Proxy(packed, {
    get: (of, key) => {
      if (typeof key !== 'string') return Reflect.get(of, key);
      if (known.has(key)) return known.get(key);
      const value = of[key];
      known.set(key, value);
      fields.push(key);
      values.push(value);
      return value;
    },
    has: unlisted,
    ownKeys: unlisted,
    getOwnPropertyDescriptor: unlisted,
  });
};

export class Remembered<Out> {
  #root: Node | null = null;
  readonly #note: (field: string) => void;

  /** @param note told of each field that a run reads */
  constructor(note: (field: string) => void) {
    this.#note = note;
  }

  /**
   * What `run` gives for a record; run only if no case fits.
   *
   * @param run pure; sees the record through its argument alone, and keeps
   *   no hold of it
   */
  of(packed: Packed, run: (record: Packed) => Out): Out {
    let at = this.#root;
    while (at !== null && at.field !== null) {
      const value = packed[at.field];
      at = Object.is(value, at.value) ? at.next : (at.others?.get(keyOf(value)) ?? null);
    }
    if (at !== null) return at.out as Out;
    const fields: string[] = [];
    const values: unknown[] = [];
    const out = run(recorded(packed, fields, values));
    this.#keep(fields, values, out);
    return out;
  }

  #keep(fields: readonly string[], values: readonly unknown[], out: unknown): void {
    let hang = (node: Node): void => {
      this.#root = node;
    };
    let at = this.#root;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i] as string;
      const value = values[i];
      this.#note(field);
      if (at === null) {
        at = test(field, value);
        hang(at);
      }
      if (at.field !== field) throw new Error(`reads ${field} where it read ${at.field}`);
      const here: Node = at;
      if (Object.is(here.value, value)) {
        hang = (node) => {
          here.next = node;
        };
        at = here.next;
      } else {
        here.others ??= new Map();
        const { others } = here;
        hang = (node) => {
          others.set(keyOf(value), node);
        };
        at = others.get(keyOf(value)) ?? null;
      }
    }
    hang(result(out));
  }
}
