import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { columns, text, u32Array } from '../../../src/stream/schema/bulk.ts';
import {
  checked,
  list,
  nullable,
  padded,
  struct,
  tagged,
} from '../../../src/stream/schema/composites.ts';
import { describeSchemaError, type SchemaErrorKind } from '../../../src/stream/schema/errors.ts';
import {
  bool,
  enumeration,
  flags,
  i64,
  oneOf,
  u8,
  u16,
  u32,
  u64,
  upTo,
} from '../../../src/stream/schema/scalars.ts';
import { decode, encode, type Schema } from '../../../src/stream/schema/schema.ts';
import { layoutOf } from '../../../src/stream/schema/shape.ts';

const hexOf = <A>(schema: Schema<A>, value: A): string => {
  const bytes = encode(schema, value);
  return E.isRight(bytes)
    ? Buffer.from(bytes.right).toString('hex')
    : describeSchemaError(bytes.left);
};
const from = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const refused = (
  e: E.Either<unknown, unknown>,
  kind: SchemaErrorKind,
  offset: number,
  path: string,
) => expect(e).toMatchObject({ _tag: 'Left', left: { kind, offset, path } });

describe('numbers', () => {
  test('are little endian and of their width', () => {
    expect(hexOf(u8, 0xfe)).toBe('fe');
    expect(hexOf(u16, 0x1234)).toBe('3412');
    expect(hexOf(u32, 0x12345678)).toBe('78563412');
    expect(hexOf(u64, 2 ** 53 - 1)).toBe('ffffffffffff1f00');
    expect(hexOf(i64, -2)).toBe('feffffffffffffff');
    expect(hexOf(i64, -(2 ** 53 - 1))).toBe('010000000000e0ff');
  });

  test.each([
    [u8, 256],
    [u8, -1],
    [u16, 65536],
    [u32, 2 ** 32],
    [u32, 1.5],
    [u32, Number.NaN],
    [u64, 2 ** 53],
    [i64, -(2 ** 53)],
    [upTo(u16, 9, 'a digit'), 10],
    [oneOf(u8, [1, 2]) as Schema<number>, 3],
  ])('that do not fit are refused: %#', (schema, n) => {
    refused(encode(schema, n), 'range', 0, '');
  });

  test('beyond what the model can hold exactly are refused when read', () => {
    refused(decode(u64, from('0000000000002000')), 'range', 0, '');
    refused(decode(i64, from('000000000000e0ff')), 'range', 0, '');
    refused(decode(i64, from('0000000000002000')), 'range', 0, '');
    expect(decode(i64, from('010000000000e0ff'))).toEqual(E.right(-(2 ** 53 - 1)));
    refused(decode(upTo(u16, 9, 'a digit'), from('0a00')), 'range', 0, '');
    refused(decode(oneOf(u8, [1, 2]), from('03')), 'range', 0, '');
  });
});

describe('values with few meanings', () => {
  test('refuse a byte that has none', () => {
    refused(decode(bool, from('02')), 'value', 0, '');
    refused(decode(enumeration({ a: 0, b: 7 }), from('01')), 'value', 0, '');
    refused(decode(flags({ a: 0, b: 3 }), from('02')), 'value', 0, '');
    refused(decode(nullable(u8), from('0200')), 'value', 0, '');
    refused(decode(tagged('kind', { a: { number: 1, fields: {} } }), from('02')), 'value', 0, '');
  });

  test('take the numbers of the schema', () => {
    expect(hexOf(enumeration({ a: 0, b: 7 }), 'b')).toBe('07');
    expect(hexOf(flags({ a: 0, b: 3 }), { a: true, b: true })).toBe('09');
    expect(decode(flags({ a: 0, b: 3 }), from('08'))).toEqual(E.right({ a: false, b: true }));
  });

  test('refuse a name that the schema does not have', () => {
    const schema = enumeration({ a: 0 });
    refused(encode(schema as Schema<string>, 'toString'), 'value', 0, '');
    const cases = tagged('kind', { a: { number: 1, fields: {} } });
    refused(encode(cases as Schema<{ kind: string }>, { kind: 'b' }), 'value', 0, '');
  });
});

describe('text', () => {
  test('is counted in bytes', () => {
    expect(hexOf(text(10), 'xé')).toBe('030078c3a9');
    refused(encode(text(2), 'éé'), 'length', 0, '');
    refused(encode(text(2), 'x'.repeat(1000)), 'length', 0, '');
    refused(decode(text(2), from('0300787878')), 'length', 0, '');
  });

  test('must be well formed on both sides, and keeps a byte order mark', () => {
    refused(encode(text(10), '\ud800'), 'text', 0, '');
    refused(decode(text(10), from('0200c328')), 'text', 2, '');
    expect(decode(text(10), from('0300efbbbf'))).toEqual(E.right('\ufeff'));
  });
});

describe('bulk', () => {
  test('columns lie one behind the other', () => {
    const schema = columns({ a: 'u32', b: 'u16', c: 'u8' });
    const value = {
      a: Uint32Array.of(1, 2),
      b: Uint16Array.of(3, 4),
      c: Uint8Array.of(5, 6),
    };
    expect(hexOf(schema, value)).toBe('02000000' + '0100000002000000' + '03000400' + '0506');
    refused(encode(schema, { ...value, b: Uint16Array.of(3) }), 'length', 12, 'b');
  });

  test('a count larger than the body makes nothing', () => {
    refused(decode(u32Array, from('ffffffff00000000')), 'length', 0, '');
    refused(decode(columns({ a: 'u8' }), from('0300000001')), 'length', 0, '');
    refused(decode(list(u8), from('0200000001')), 'length', 0, '');
    refused(decode(list(struct({})), from('ffffffff')), 'length', 0, '');
  });

  test('a view that is not aligned is written as it is', () => {
    const words = new Uint32Array(from('00000000010000000200000003000000').buffer, 4, 2);
    expect(hexOf(u32Array, words)).toBe('020000000100000002000000');
  });
});

describe('composites', () => {
  const schema = struct({
    id: u16,
    items: list(struct({ key: u8, at: nullable(upTo(u8, 9, 'a digit')) }), {
      ascending: { name: 'key', key: (i) => i.key },
    }),
  });

  test('an error names the field and the byte', () => {
    const value = {
      id: 1,
      items: [
        { key: 1, at: null },
        { key: 2, at: 10 },
      ],
    };
    refused(encode(schema, value), 'range', 10, 'items[1].at');
    refused(decode(schema, from('01000200000001000201ff')), 'range', 10, 'items[1].at');
    refused(decode(schema, from('01000200000001000201')), 'short', 10, 'items[1].at');
    const bytes = encode(schema, value);
    expect(E.isLeft(bytes) && describeSchemaError(bytes.left)).toBe(
      'items[1].at at byte 10: wanted a digit, not 10',
    );
  });

  test('keys ascend, on both sides', () => {
    const twice = {
      id: 1,
      items: [
        { key: 2, at: null },
        { key: 2, at: null },
      ],
    };
    refused(encode(schema, twice), 'value', 10, 'items[1]');
    refused(decode(schema, from('01000200000002000200')), 'value', 8, 'items[1]');
  });

  test('a tagged case has its own fields', () => {
    const either = tagged('kind', {
      port: { number: 1, fields: { port: u16 } },
      none: { number: 9, fields: {} },
    });
    expect(hexOf(either, { kind: 'port', port: 5 })).toBe('010500');
    expect(decode(either, from('09'))).toEqual(E.right({ kind: 'none' }));
  });

  test('reserved bytes are zero when written and passed over when read', () => {
    const schema = struct({ a: padded(u8, 3), b: list(u8, { reserved: 2 }) });
    expect(hexOf(schema, { a: 1, b: [2] })).toBe('01000000' + '01000000' + '0000' + '02');
    expect(decode(schema, from('01ffffff' + '01000000' + 'ffff' + '02'))).toEqual(
      E.right({ a: 1, b: [2] }),
    );
  });

  test('a condition holds on both sides', () => {
    const even = checked(u8, 'an even number', (n) => n % 2 === 0);
    refused(encode(even, 3), 'value', 0, '');
    refused(decode(even, from('03')), 'value', 0, '');
    expect(decode(even, from('04'))).toEqual(E.right(4));
  });
});

test('a description gives each field its place, as far as that is fixed', () => {
  const schema = struct({
    a: u8,
    b: struct({ c: u32, d: padded(u16, 2) }),
    e: nullable(u8),
    f: list(struct({ g: u16, h: u64 })),
    i: tagged('kind', { one: { number: 1, fields: { j: u16 } } }),
  });
  const rows = layoutOf(schema.shape).map(({ path, offset, bytes }) => [path, offset, bytes]);
  expect(rows).toEqual([
    ['a', 0, 1],
    ['b.c', 1, 4],
    ['b.d', 5, 2],
    ['b.d (reserved)', 7, 2],
    ['e', 9, null],
    ['e', 10, 1],
    ['f', null, null],
    ['f[].g', 0, 2],
    ['f[].h', 2, 8],
    ['i', null, null],
    ['i(one).j', null, 2],
  ]);
});

test('a large value grows the buffer without losing what was there', () => {
  const big = Uint32Array.from({ length: 100_000 }, (_, i) => i);
  const bytes = encode(struct({ a: u8, big: u32Array, z: u8 }), { a: 1, big, z: 2 });
  const back = E.isRight(bytes)
    ? decode(struct({ a: u8, big: u32Array, z: u8 }), bytes.right)
    : bytes;
  expect(back).toEqual(E.right({ a: 1, big, z: 2 }));
});
