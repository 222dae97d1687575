/** Schemas of single values: numbers, booleans, names. */
import type { Input } from './input.ts';
import type { Output } from './output.ts';
import type { Schema } from './schema.ts';
import { BYTES_OF, type Limits, type NumberType } from './shape.ts';

const unsigned = (
  type: NumberType,
  limit: number,
  put: (out: Output, n: number) => void,
  get: (input: Input) => number,
): Schema<number> => ({
  shape: { kind: 'number', type, limits: null },
  minBytes: BYTES_OF[type],
  write(out, n) {
    if (Number.isInteger(n) && n >= 0 && n <= limit) put(out, n);
    else out.fail('range', `a ${type}, not ${n}`);
  },
  read: get,
});

/** 0 .. 255. */
export const u8 = unsigned(
  'u8',
  0xff,
  (out, n) => out.u8(n),
  (input) => input.u8(),
);
/** 0 .. 65535. */
export const u16 = unsigned(
  'u16',
  0xffff,
  (out, n) => out.u16(n),
  (input) => input.u16(),
);
/** 0 .. 2^32 - 1. */
export const u32 = unsigned(
  'u32',
  0xffff_ffff,
  (out, n) => out.u32(n),
  (input) => input.u32(),
);
/** 64 bits in the stream, of which the model holds 0 .. 2^53 - 1; beyond: `range`. */
export const u64 = unsigned(
  'u64',
  Number.MAX_SAFE_INTEGER,
  (out, n) => out.i64(n),
  (input) => input.u64(),
);

/** Two's complement; -(2^53 - 1) .. 2^53 - 1, beyond: `range`. */
export const i64: Schema<number> = {
  shape: { kind: 'number', type: 'i64', limits: null },
  minBytes: 8,
  write(out, n) {
    if (Number.isSafeInteger(n)) out.i64(n);
    else out.fail('range', `an i64 within +-2^53, not ${n}`);
  },
  read: (input) => input.i64(),
};

/** One byte: 0 or 1, anything else is refused. */
export const bool: Schema<boolean> = {
  shape: { kind: 'bool' },
  minBytes: 1,
  write: (out, value) => out.u8(value ? 1 : 0),
  read(input) {
    const at = input.at;
    const n = input.u8();
    if (n > 1) input.fail('value', `0 or 1, not ${n}`, at);
    return n === 1;
  },
};

/**
 * An unsigned number whose meaning is narrower than its width. `is` and
 * `limits` say the same, once for the compiler and once as data; both are
 * narrower than `schema`.
 */
export const narrowed = <A extends number>(
  schema: Schema<number>,
  is: (n: number) => n is A,
  limits: Limits,
): Schema<A> => ({
  shape: schema.shape.kind === 'number' ? { ...schema.shape, limits } : schema.shape,
  minBytes: schema.minBytes,
  write(out, n) {
    if (is(n)) schema.write(out, n);
    else out.fail('range', `${limits.rule}, not ${n}`);
  },
  read(input) {
    const at = input.at;
    const n: number = schema.read(input);
    if (!is(n)) input.fail('range', `${limits.rule}, not ${n}`, at);
    return n as A;
  },
});

/** A number of at most `max`. */
export const upTo = (schema: Schema<number>, max: number, rule: string): Schema<number> =>
  narrowed(schema, (n): n is number => n >= 0 && n <= max, { rule, max });

/** One of a few numbers. */
export const oneOf = <const N extends number>(
  schema: Schema<number>,
  numbers: readonly N[],
): Schema<N> =>
  narrowed(schema, (n): n is N => (numbers as readonly number[]).includes(n), {
    rule: `one of ${numbers.join(', ')}`,
    oneOf: numbers,
  });

/** One byte for one of several names. The numbers are the stream's own and never change. */
export const enumeration = <const M extends Readonly<Record<string, number>>>(
  numbers: M,
): Schema<keyof M & string> => {
  const names = new Map<number, keyof M & string>();
  for (const name of Object.keys(numbers)) names.set(numbers[name] as number, name);
  return {
    shape: { kind: 'enumeration', numbers },
    minBytes: 1,
    write(out, name) {
      const n = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
      if (n === undefined) out.fail('value', `one of ${Object.keys(numbers).join(', ')}`);
      else out.u8(n);
    },
    read(input) {
      const at = input.at;
      const n = input.u8();
      const name = names.get(n);
      if (name === undefined) input.fail('value', `one of ${[...names.keys()].join(', ')}`, at);
      return name as keyof M & string;
    },
  };
};

/** One byte of named bits; bits without a name must be zero. */
export const flags = <const M extends Readonly<Record<string, number>>>(
  bits: M,
): Schema<{ readonly [K in keyof M]: boolean }> => {
  const list = Object.entries(bits);
  const known = list.reduce((mask, [, bit]) => mask | (1 << bit), 0);
  return {
    shape: { kind: 'flags', bits },
    minBytes: 1,
    write(out, value) {
      let byte = 0;
      for (const [name, bit] of list) if (value[name]) byte |= 1 << bit;
      out.u8(byte);
    },
    read(input) {
      const at = input.at;
      const byte = input.u8();
      if ((byte & ~known) !== 0) input.fail('value', 'zero in the bits without a name', at);
      return Object.fromEntries(list.map(([name, bit]) => [name, (byte & (1 << bit)) !== 0])) as {
        readonly [K in keyof M]: boolean;
      };
    },
  };
};
