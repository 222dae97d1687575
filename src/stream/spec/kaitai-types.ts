/** From shapes to types of Kaitai Struct. */
import type { ColumnType, FieldShape, Limits, NumberType, Shape } from '../schema/shape.ts';
import { wrap } from './wrap.ts';
import type { YamlMap } from './yaml.ts';

type ShapeOf<K extends Shape['kind']> = Extract<Shape, { readonly kind: K }>;

/** An attribute of a `seq`. */
type Attribute = YamlMap & { readonly id: string };

/** Attributes of a type, with the types and enums that they name. */
export interface Part {
  readonly seq: readonly Attribute[];
  readonly types: Readonly<Record<string, YamlMap>>;
  readonly enums: Readonly<Record<string, YamlMap>>;
}

/** `gnttabMaxFrames`, `X86_TSC_INFO` and `2l` as ids of Kaitai Struct. */
export const snake = (name: string): string => {
  const words = /^[A-Z0-9_]+$/.test(name) ? name : name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_');
  return words.toLowerCase();
};

/** Columns of a `doc`, which stands indented. */
const DOC_COLUMNS = 60;

export const doc = (text: string): string => `${wrap(text, DOC_COLUMNS).join('\n')}\n`;

const TYPE: Readonly<Record<NumberType | ColumnType, string>> = {
  u8: 'u1',
  u16: 'u2',
  u32: 'u4',
  u64: 'u8',
  i64: 's8',
};

/** How a type stands in a description: without the parts that it lacks. */
export const typeOf = ({ seq, types, enums }: Part): YamlMap => ({
  ...(seq.length > 0 && { seq }),
  ...(Object.keys(types).length > 0 && { types }),
  ...(Object.keys(enums).length > 0 && { enums }),
});

const only = (...seq: readonly Attribute[]): Part => ({ seq, types: {}, enums: {} });

const joined = (parts: readonly Part[]): Part => ({
  seq: parts.flatMap((p) => p.seq),
  types: Object.assign({}, ...parts.map((p) => p.types)) as Part['types'],
  enums: Object.assign({}, ...parts.map((p) => p.enums)) as Part['enums'],
});

/** One attribute of a type made for it. */
const ofType = (id: string, name: string, part: Part): Part => ({
  seq: [{ id, type: name }],
  types: { [name]: typeOf(part) },
  enums: {},
});

const limitsOf = (limits: Limits | null): YamlMap => {
  if (limits === null) return {};
  const valid = 'oneOf' in limits ? { 'any-of': limits.oneOf } : { max: limits.max };
  return { valid, doc: limits.rule };
};

/** `numbers` by name; an id may not begin with a digit. */
const enumOf = (id: string, numbers: Readonly<Record<string, number>>): YamlMap =>
  Object.fromEntries(
    Object.entries(numbers).map(([name, n]) => [
      n,
      /^\d/.test(name) ? `${id}_${snake(name)}` : snake(name),
    ]),
  );

const enumeration = (id: string, numbers: Readonly<Record<string, number>>): Part => ({
  seq: [{ id, type: 'u1', enum: id, valid: { 'in-enum': true } }],
  types: {},
  enums: { [id]: enumOf(id, numbers) },
});

/** One bit an attribute, from bit 0 on; those without a name are zero. */
const flagsType = (bits: Readonly<Record<string, number>>): YamlMap => {
  const named = new Map(Object.entries(bits).map(([name, bit]) => [bit, snake(name)]));
  const seq = Array.from({ length: 8 }, (_, bit) => {
    const id = named.get(bit);
    return id === undefined
      ? { id: `reserved_${bit}`, type: 'b1', valid: false }
      : { id, type: 'b1' };
  });
  return { meta: { 'bit-endian': 'le' }, seq };
};

const repeated = (count: string): YamlMap => ({ repeat: 'expr', 'repeat-expr': count });

const countOf = (id: string): Attribute => ({ id: `num_${id}`, type: 'u4' });

const columnsType = (shape: ShapeOf<'columns'>): Part =>
  only(
    countOf('rows'),
    ...shape.columns.map((c) => ({
      id: snake(c.name),
      type: TYPE[c.type],
      ...repeated('num_rows'),
    })),
  );

/** One attribute for an item of a list: a type is made for what takes several. */
const itemOf = (id: string, item: Shape): Part => {
  if (item.kind === 'struct') return ofType(id, `${id}_item`, fieldsOf(item.fields));
  const part = partOf(id, item);
  return part.seq.length === 1 ? part : ofType(id, `${id}_item`, part);
};

const list = (id: string, { item, reserved, ascending }: ShapeOf<'list'>): Part => {
  const one = itemOf(id, item);
  const sorted = ascending === null ? {} : { doc: `ascending by ${snake(ascending)}` };
  const many = { ...repeated(`num_${id}`), ...sorted };
  return joined([
    only(countOf(id)),
    ...(reserved > 0 ? [only({ id: `reserved_${id}`, size: reserved })] : []),
    { ...one, seq: one.seq.map((a) => ({ ...a, ...many })) },
  ]);
};

const nullable = (id: string, { item }: ShapeOf<'nullable'>): Part => {
  const part = partOf(id, item);
  const present = { if: `has_${id} == 1` };
  const conditional = part.seq.some((a) => 'if' in a);
  const made = conditional ? ofType(id, `${id}_item`, part) : part;
  return joined([
    only({ id: `has_${id}`, type: 'u1', valid: { max: 1 } }),
    { ...made, seq: made.seq.map((a) => ({ ...a, ...present })) },
  ]);
};

const taggedType = ({ tag, cases }: ShapeOf<'tagged'>): Part => {
  const id = snake(tag);
  const full = cases.filter((c) => c.fields.length > 0);
  const head = enumeration(id, Object.fromEntries(cases.map((c) => [c.name, c.number])));
  return {
    seq: [
      ...head.seq,
      {
        id: 'fields',
        type: {
          'switch-on': id,
          cases: Object.fromEntries(full.map((c) => [`${id}::${snake(c.name)}`, snake(c.name)])),
        },
      },
    ],
    types: Object.fromEntries(full.map((c) => [snake(c.name), typeOf(fieldsOf(c.fields))])),
    enums: head.enums,
  };
};

/** The attributes of one field; that of its own name is the value, others lead to it. */
const partOf = (id: string, shape: Shape): Part => {
  switch (shape.kind) {
    case 'number':
      return only({ id, type: TYPE[shape.type], ...limitsOf(shape.limits) });
    case 'bool':
      return only({ id, type: 'u1', valid: { max: 1 } });
    case 'enumeration':
      return enumeration(id, shape.numbers);
    case 'flags':
      return { seq: [{ id, type: id }], types: { [id]: flagsType(shape.bits) }, enums: {} };
    case 'text':
      return only(
        { id: `len_${id}`, type: 'u2', valid: { max: shape.maxBytes } },
        { id, type: 'str', size: `len_${id}`, encoding: 'UTF-8' },
      );
    case 'array':
      return only(countOf(id), { id, type: TYPE[shape.item], ...repeated(`num_${id}`) });
    case 'columns':
      return ofType(id, id, columnsType(shape));
    case 'list':
      return list(id, shape);
    case 'nullable':
      return nullable(id, shape);
    case 'tagged':
      return ofType(id, id, taggedType(shape));
    case 'struct':
      return ofType(id, id, fieldsOf(shape.fields));
    case 'padded':
      return joined([partOf(id, shape.item), only({ id: `reserved_${id}`, size: shape.reserved })]);
    case 'checked': {
      const part = partOf(id, shape.item);
      const ruled = { doc: doc(`Lawful only: ${shape.rule}.`) };
      return { ...part, seq: part.seq.map((a) => (a.id === id ? { ...a, ...ruled } : a)) };
    }
  }
};

/** The attributes of several fields, one behind the other. */
const fieldsOf = (fields: readonly FieldShape[]): Part =>
  joined(fields.map((f) => partOf(snake(f.name), f.shape)));

/** The attributes of a body, which is a struct. */
export const bodyOf = (shape: Shape): Part =>
  shape.kind === 'struct' ? fieldsOf(shape.fields) : partOf('body', shape);
