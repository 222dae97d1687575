/** Schemas made of schemas. */
import type { Input } from './input.ts';
import type { Output } from './output.ts';
import type { Schema, TypeOf } from './schema.ts';
import type { FieldShape } from './shape.ts';

type Fields = Readonly<Record<string, Schema<unknown>>>;
type StructOf<F extends Fields> = { readonly [K in keyof F]: TypeOf<F[K]> };

const shapesOf = (fields: Fields): readonly FieldShape[] =>
  Object.entries(fields).map(([name, schema]) => ({ name, shape: schema.shape }));

const minOf = (fields: Fields): number =>
  Object.values(fields).reduce((n, schema) => n + schema.minBytes, 0);

const writeFields = (
  out: Output,
  list: readonly (readonly [string, Schema<unknown>])[],
  value: Readonly<Record<string, unknown>>,
): void => {
  for (const [name, schema] of list) {
    schema.write(out, value[name]);
    if (out.failure !== null) {
      out.failure.within(name);
      return;
    }
  }
};

const readFields = (
  input: Input,
  list: readonly (readonly [string, Schema<unknown>])[],
  into: Record<string, unknown>,
): void => {
  for (const [name, schema] of list) {
    into[name] = schema.read(input);
    if (input.failure !== null) {
      input.failure.within(name);
      return;
    }
  }
};

/** Fields one behind the other, in the order given. */
export const struct = <F extends Fields>(fields: F): Schema<StructOf<F>> => {
  const list = Object.entries(fields);
  return {
    shape: { kind: 'struct', fields: shapesOf(fields) },
    minBytes: minOf(fields),
    write: (out, value) => writeFields(out, list, value),
    read(input) {
      const into: Record<string, unknown> = {};
      readFields(input, list, into);
      return into as StructOf<F>;
    },
  };
};

/** Items whose key must grow from one to the next: sorted, and none twice. */
interface Ascending<A> {
  /** The item's field that is the key. */
  readonly name: string;
  readonly key: (item: A) => number;
}

interface ListOptions<A> {
  readonly ascending?: Ascending<A>;
  /** Reserved bytes between the count and the first item, as some libxc records have. */
  readonly reserved?: number;
}

/** u32 count and the items; a count that the body cannot hold is refused before any is read. */
export const list = <A>(item: Schema<A>, options: ListOptions<A> = {}): Schema<readonly A[]> => {
  const { ascending, reserved = 0 } = options;
  // A schema without bytes would let a count of four billion through.
  const itemBytes = Math.max(1, item.minBytes);
  const broken = ascending && `ascending ${ascending.name}, each once`;
  return {
    shape: { kind: 'list', item: item.shape, reserved, ascending: ascending?.name ?? null },
    minBytes: 4 + reserved,
    write(out, items) {
      out.u32(items.length);
      out.zeroes(reserved);
      let last = -1;
      for (let i = 0; i < items.length; i++) {
        const value = items[i] as A;
        item.write(out, value);
        if (ascending !== undefined && broken !== undefined) {
          if (ascending.key(value) <= last) out.fail('value', broken);
          last = ascending.key(value);
        }
        if (out.failure !== null) {
          out.failure.within(i);
          return;
        }
      }
    },
    read(input) {
      const count = input.count(itemBytes);
      input.take(reserved);
      const items: A[] = [];
      let last = -1;
      for (let i = 0; i < count; i++) {
        const at = input.at;
        const value = item.read(input);
        if (ascending !== undefined && broken !== undefined && input.failure === null) {
          if (ascending.key(value) <= last) input.fail('value', broken, at);
          last = ascending.key(value);
        }
        if (input.failure !== null) {
          input.failure.within(i);
          return items;
        }
        items.push(value);
      }
      return items;
    },
  };
};

/** One byte, 0 for null, 1 for an item that follows. */
export const nullable = <A>(item: Schema<A>): Schema<A | null> => ({
  shape: { kind: 'nullable', item: item.shape },
  minBytes: 1,
  write(out, value) {
    out.u8(value === null ? 0 : 1);
    if (value !== null) item.write(out, value);
  },
  read(input) {
    const at = input.at;
    const present = input.u8();
    if (present > 1) input.fail('value', `0 or 1, not ${present}`, at);
    return present === 1 ? item.read(input) : null;
  },
});

type Case = { readonly number: number; readonly fields: Fields };
type TaggedOf<T extends string, C extends Readonly<Record<string, Case>>> = {
  [K in keyof C & string]: { readonly [P in T]: K } & StructOf<C[K]['fields']>;
}[keyof C & string];

/** A union told apart by `tag`: one byte for the case, then the fields of that case. */
export const tagged = <T extends string, C extends Readonly<Record<string, Case>>>(
  tag: T,
  cases: C,
): Schema<TaggedOf<T, C>> => {
  const all = Object.entries(cases).map(([name, c]) => ({
    name,
    number: c.number,
    fields: Object.entries(c.fields),
  }));
  const byName = new Map(all.map((c) => [c.name, c]));
  const byNumber = new Map(all.map((c) => [c.number, c]));
  return {
    shape: {
      kind: 'tagged',
      tag,
      cases: Object.entries(cases).map(([name, c]) => ({
        name,
        number: c.number,
        fields: shapesOf(c.fields),
      })),
    },
    minBytes: 1 + Math.min(...Object.values(cases).map((c) => minOf(c.fields))),
    write(out, value) {
      const found = byName.get(value[tag]);
      if (found === undefined) return out.fail('value', `one of ${[...byName.keys()].join(', ')}`);
      out.u8(found.number);
      writeFields(out, found.fields, value);
    },
    read(input) {
      const at = input.at;
      const found = byNumber.get(input.u8());
      const into: Record<string, unknown> = { [tag]: found?.name };
      if (found === undefined) input.fail('value', `one of ${[...byNumber.keys()].join(', ')}`, at);
      else readFields(input, found.fields, into);
      return into as TaggedOf<T, C>;
    },
  };
};

/** `reserved` bytes behind an item: zero when written, passed over when read (F10.3). */
export const padded = <A>(item: Schema<A>, reserved: number): Schema<A> => ({
  shape: { kind: 'padded', item: item.shape, reserved },
  minBytes: item.minBytes + reserved,
  write(out, value) {
    item.write(out, value);
    out.zeroes(reserved);
  },
  read(input) {
    const value = item.read(input);
    input.take(reserved);
    return value;
  },
});

/**
 * A value that must meet a condition beyond its fields. The condition is the
 * same on both sides, so that nothing can be written that is refused when
 * read.
 */
export const checked = <A>(
  schema: Schema<A>,
  rule: string,
  holds: (value: A) => boolean,
): Schema<A> => ({
  shape: {
    kind: 'checked',
    item: schema.shape,
    rule,
    holds: (value) => holds(value as A),
  },
  minBytes: schema.minBytes,
  write(out, value) {
    if (holds(value)) schema.write(out, value);
    else out.fail('value', rule);
  },
  read(input) {
    const at = input.at;
    const value = schema.read(input);
    if (input.failure === null && !holds(value)) input.fail('value', rule, at);
    return value;
  },
});
