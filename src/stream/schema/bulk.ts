/** Schemas of many numbers at once, and of text: copied as a block, not item by item. */
import { isUtf8 } from 'node:buffer';
import { endianness } from 'node:os';
import type { Input } from './input.ts';
import type { Output } from './output.ts';
import type { Schema } from './schema.ts';
import { BYTES_OF, type ColumnType } from './shape.ts';

type Column = { u8: Uint8Array; u16: Uint16Array; u32: Uint32Array };
type AnyColumn = Column[ColumnType];

const make = (type: ColumnType, length: number): AnyColumn => {
  switch (type) {
    case 'u8':
      return new Uint8Array(length);
    case 'u16':
      return new Uint16Array(length);
    case 'u32':
      return new Uint32Array(length);
  }
};

const BIG_ENDIAN_HOST = endianness() === 'BE';

/** Turns the bytes of each number around, on a machine that keeps them the other way. */
const toLittleEndian = (bytes: Uint8Array, type: ColumnType): Uint8Array => {
  if (!BIG_ENDIAN_HOST) return bytes;
  const turned = Buffer.from(bytes);
  if (type === 'u16') turned.swap16();
  if (type === 'u32') turned.swap32();
  return turned;
};

const writeColumn = (out: Output, type: ColumnType, column: AnyColumn): void =>
  out.put(
    toLittleEndian(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), type),
  );

const readColumn = (input: Input, type: ColumnType, length: number): AnyColumn => {
  const column = make(type, length);
  new Uint8Array(column.buffer).set(toLittleEndian(input.take(length * BYTES_OF[type]), type));
  return column;
};

/** u32 count and that many u32. */
export const u32Array: Schema<Uint32Array> = {
  shape: { kind: 'array', item: 'u32' },
  minBytes: 4,
  write(out, numbers) {
    out.u32(numbers.length);
    writeColumn(out, 'u32', numbers);
  },
  read: (input) => readColumn(input, 'u32', input.count(4)) as Uint32Array,
};

/**
 * A table stored column by column: u32 number of rows, then each column
 * whole. Rows number in the millions for the pages of a large domain.
 */
export const columns = <const C extends Readonly<Record<string, ColumnType>>>(
  types: C,
): Schema<{ readonly [K in keyof C]: Column[C[K]] }> => {
  type Table = { readonly [K in keyof C]: Column[C[K]] };
  const list = Object.entries(types);
  const rowBytes = list.reduce((n, [, type]) => n + BYTES_OF[type], 0);
  return {
    shape: { kind: 'columns', columns: list.map(([name, type]) => ({ name, type })) },
    minBytes: 4,
    write(out, table) {
      const whole = list.map(([name, type]) => ({ name, type, column: table[name] as AnyColumn }));
      const rows = whole[0]?.column.length ?? 0;
      out.u32(rows);
      for (const { name, type, column } of whole) {
        if (column.length !== rows) {
          out.fail('length', `${rows} rows, not ${column.length}`);
          out.failure?.within(name);
          return;
        }
        writeColumn(out, type, column);
      }
    },
    read(input) {
      const rows = input.count(rowBytes);
      return Object.fromEntries(
        list.map(([name, type]) => [name, readColumn(input, type, rows)]),
      ) as Table;
    },
  };
};

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** u16 length in bytes and UTF-8 of at most `maxBytes` (below 65536) bytes. */
export const text = (maxBytes: number): Schema<string> => ({
  shape: { kind: 'text', maxBytes },
  minBytes: 2,
  write(out, value) {
    if (value.length > maxBytes) return out.fail('length', `at most ${maxBytes} bytes of text`);
    const bytes = utf8.encode(value);
    if (/\p{Surrogate}/u.test(value)) return out.fail('text', 'text without lone surrogates');
    if (bytes.length > maxBytes) return out.fail('length', `at most ${maxBytes} bytes of text`);
    out.u16(bytes.length);
    out.put(bytes);
  },
  read(input) {
    const at = input.at;
    const length = input.u16();
    if (length > maxBytes) {
      input.fail('length', `at most ${maxBytes} bytes of text`, at);
      return '';
    }
    const bytes = input.take(length);
    if (!isUtf8(bytes)) {
      input.fail('text', 'UTF-8', at + 2);
      return '';
    }
    return fromUtf8.decode(bytes);
  },
});
