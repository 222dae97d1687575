/**
 * Values of a schema, made from its description: what is generated here is
 * what the description says, so a description that says too much makes the
 * encoder fail, and one that says too little leaves decoders untried.
 */
import fc from 'fast-check';
import { PAGE_KIND } from '../../src/stream/records/domain/pages.ts';
import type {
  ColumnType,
  FieldShape,
  Limits,
  NumberType,
  Shape,
} from '../../src/stream/schema/shape.ts';

const U32_MAX = 2 ** 32 - 1;
const MAX: Readonly<Record<NumberType, number>> = {
  u8: 0xff,
  u16: 0xffff,
  u32: U32_MAX,
  u64: Number.MAX_SAFE_INTEGER,
  i64: Number.MAX_SAFE_INTEGER,
};

const number = (type: NumberType, limits: Limits | null): fc.Arbitrary<number> => {
  if (limits !== null && 'oneOf' in limits) return fc.constantFrom(...limits.oneOf);
  const max = limits?.max ?? MAX[type];
  // fast-check favours the ends of a range.
  return fc.integer({ min: type === 'i64' ? -max : 0, max });
};

/** Plain objects, as decoders make them. */
const record = (
  model: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Record<string, unknown>> => fc.record(model, { noNullPrototype: true });

const rows = <A>(row: fc.Arbitrary<A>): fc.Arbitrary<A[]> => fc.array(row, { maxLength: 5 });

const numbers = (type: ColumnType, values: readonly number[]) => {
  switch (type) {
    case 'u8':
      return Uint8Array.from(values);
    case 'u16':
      return Uint16Array.from(values);
    case 'u32':
      return Uint32Array.from(values);
  }
};

type Columns = Extract<Shape, { readonly kind: 'columns' }>;

const columns = (shape: Columns): fc.Arbitrary<unknown> =>
  rows(fc.tuple(...shape.columns.map((c) => fc.nat(MAX[c.type])))).map((table) =>
    Object.fromEntries(
      shape.columns.map(({ name, type }, i) => [
        name,
        numbers(
          type,
          table.map((row) => row[i] as number),
        ),
      ]),
    ),
  );

/** Runs of pages: the one condition that chance would never meet. */
const pageRuns: fc.Arbitrary<unknown> = rows(
  fc.record({
    gap: fc.nat(1000),
    count: fc.integer({ min: 1, max: 2 ** 24 }),
    type: fc.constantFrom(0, 1, 2, 3, 4, 9, 10, 11, 12, 13),
    extra: fc.constantFrom(0, PAGE_KIND.extra),
    released: fc.constantFrom(0, PAGE_KIND.released),
  }),
).map((list) => {
  let at = 0;
  const start = list.map((r) => {
    const from = at + r.gap;
    at = from + r.count;
    return from;
  });
  return {
    start: Uint32Array.from(start),
    count: Uint32Array.from(list, (r) => r.count),
    kind: Uint8Array.from(list, (r) => r.type | r.extra | r.released),
  };
});

const fields = (list: readonly FieldShape[]): fc.Arbitrary<Record<string, unknown>> =>
  record(Object.fromEntries(list.map((f) => [f.name, arbitraryOf(f.shape)])));

const list = (shape: Extract<Shape, { readonly kind: 'list' }>): fc.Arbitrary<unknown> => {
  const key = shape.ascending;
  const item = arbitraryOf(shape.item);
  if (key === null) return rows(item);
  const keyOf = (value: unknown): number => (value as Record<string, number>)[key] as number;
  return fc
    .uniqueArray(item, { maxLength: 5, selector: keyOf })
    .map((items) => items.toSorted((a, b) => keyOf(a) - keyOf(b)));
};

export const arbitraryOf = (shape: Shape): fc.Arbitrary<unknown> => {
  switch (shape.kind) {
    case 'number':
      return number(shape.type, shape.limits);
    case 'bool':
      return fc.boolean();
    case 'enumeration':
      return fc.constantFrom(...Object.keys(shape.numbers));
    case 'flags':
      return record(
        Object.fromEntries(Object.keys(shape.bits).map((name) => [name, fc.boolean()])),
      );
    case 'text':
      return fc
        .string({ unit: 'binary', maxLength: 20 })
        .filter((s) => Buffer.byteLength(s) <= shape.maxBytes);
    case 'array':
      return rows(fc.nat(2 ** 28 - 1)).map((values) => numbers(shape.item, values));
    case 'columns':
      return columns(shape);
    case 'list':
      return list(shape);
    case 'nullable':
      return fc.option(arbitraryOf(shape.item), { nil: null });
    case 'tagged':
      return fc.oneof(
        ...shape.cases.map((c) => fields(c.fields).map((f) => ({ [shape.tag]: c.name, ...f }))),
      );
    case 'struct':
      return fields(shape.fields);
    case 'padded':
      return arbitraryOf(shape.item);
    case 'checked':
      return (shape.item.kind === 'columns' ? pageRuns : arbitraryOf(shape.item)).filter(
        shape.holds,
      );
  }
};
