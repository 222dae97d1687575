/** The description of a schema as data, and what follows from it. */

export type NumberType = 'u8' | 'u16' | 'u32' | 'u64' | 'i64';
export type ColumnType = 'u8' | 'u16' | 'u32';

export const BYTES_OF: Readonly<Record<NumberType, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  i64: 8,
};

export type Shape =
  | { readonly kind: 'number'; readonly type: NumberType; readonly limits: Limits | null }
  | { readonly kind: 'bool' }
  /** One byte: a number for each name. */
  | { readonly kind: 'enumeration'; readonly numbers: Readonly<Record<string, number>> }
  /** One byte: a bit number for each name; other bits are zero. */
  | { readonly kind: 'flags'; readonly bits: Readonly<Record<string, number>> }
  /** u16 length in bytes, then UTF-8. */
  | { readonly kind: 'text'; readonly maxBytes: number }
  /** u32 count, then `count` numbers. */
  | { readonly kind: 'array'; readonly item: ColumnType }
  /** u32 count, then each column whole, one behind the other. */
  | {
      readonly kind: 'columns';
      readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
    }
  /** u32 count, `reserved` bytes, then the items; `ascending` names the field they are sorted by. */
  | {
      readonly kind: 'list';
      readonly item: Shape;
      readonly reserved: number;
      readonly ascending: string | null;
    }
  /** One byte, 0 or 1; with 1 the item follows. */
  | { readonly kind: 'nullable'; readonly item: Shape }
  /** One byte that says which case, then the fields of that case. */
  | {
      readonly kind: 'tagged';
      readonly tag: string;
      readonly cases: readonly {
        readonly name: string;
        readonly number: number;
        readonly fields: readonly FieldShape[];
      }[];
    }
  | { readonly kind: 'struct'; readonly fields: readonly FieldShape[] }
  /** An item with reserved bytes behind it: zero when written, passed over when read. */
  | { readonly kind: 'padded'; readonly item: Shape; readonly reserved: number }
  /** An item that must meet a condition beyond its form. */
  | {
      readonly kind: 'checked';
      readonly item: Shape;
      readonly rule: string;
      readonly holds: (value: unknown) => boolean;
    };

/** Which numbers of a field's type are lawful, in words and in numbers. */
export type Limits =
  | { readonly rule: string; readonly max: number }
  | { readonly rule: string; readonly oneOf: readonly number[] };

export interface FieldShape {
  readonly name: string;
  readonly shape: Shape;
}

const sum = (sizes: readonly (number | null)[]): number | null =>
  sizes.reduce((a, b) => (a === null || b === null ? null : a + b), 0);

/** Bytes that every value of the shape takes, or null when it varies. */
const fixedBytes = (shape: Shape): number | null => {
  switch (shape.kind) {
    case 'number':
      return BYTES_OF[shape.type];
    case 'bool':
    case 'enumeration':
    case 'flags':
      return 1;
    case 'struct':
      return sum(shape.fields.map((f) => fixedBytes(f.shape)));
    case 'padded':
      return sum([fixedBytes(shape.item), shape.reserved]);
    case 'checked':
      return fixedBytes(shape.item);
    case 'text':
    case 'array':
    case 'columns':
    case 'list':
    case 'nullable':
    case 'tagged':
      return null;
  }
};

/** One field of a body, for an octet diagram. */
export interface LayoutRow {
  /** `config.width`; the item of a list is `entries[]`, a case of a union `binding(virq)`. */
  readonly path: string;
  /** Bytes from the start of the body, or of the item for what is in a list; null: it varies. */
  readonly offset: number | null;
  /** Bytes taken; null: it varies. */
  readonly bytes: number | null;
  readonly shape: Shape;
}

const plus = (offset: number | null, bytes: number | null): number | null =>
  offset === null || bytes === null ? null : offset + bytes;

const rowsOfFields = (
  fields: readonly FieldShape[],
  path: string,
  start: number | null,
): LayoutRow[] => {
  let offset = start;
  return fields.flatMap(({ name, shape }) => {
    const rows = rowsOf(shape, path === '' ? name : `${path}.${name}`, offset);
    offset = plus(offset, fixedBytes(shape));
    return rows;
  });
};

const rowsOf = (shape: Shape, path: string, offset: number | null): LayoutRow[] => {
  const own: LayoutRow = { path, offset, bytes: fixedBytes(shape), shape };
  switch (shape.kind) {
    case 'struct':
      return rowsOfFields(shape.fields, path, offset);
    case 'padded':
      return [
        ...rowsOf(shape.item, path, offset),
        {
          path: `${path} (reserved)`,
          offset: plus(offset, fixedBytes(shape.item)),
          bytes: shape.reserved,
          shape,
        },
      ];
    case 'checked':
      return rowsOf(shape.item, path, offset);
    case 'list':
      return [own, ...rowsOf(shape.item, `${path}[]`, 0)];
    case 'nullable':
      return [own, ...rowsOf(shape.item, path, plus(offset, 1))];
    case 'tagged':
      return [
        own,
        ...shape.cases.flatMap((c) =>
          rowsOfFields(c.fields, `${path}(${c.name})`, plus(offset, 1)),
        ),
      ];
    default:
      return [own];
  }
};

/** The fields of a shape in the order of their bytes, containers before what they hold. */
export const layoutOf = (shape: Shape): readonly LayoutRow[] => rowsOf(shape, '', 0);
