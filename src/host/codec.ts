/**
 * Small io-ts combinators that every codec of the host uses: nullable values,
 * records keyed by a number, and typed arrays that travel as run lengths.
 */
import { either } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** `C` or null; null means "Xen has none of it", never "unknown". */
export const nullable = <C extends t.Mixed>(codec: C): t.UnionC<[C, t.NullC]> =>
  t.union([codec, t.null]);

/**
 * A record whose keys are non-negative integers (a domid, a port, a handle).
 * Integer keys are enumerated in ascending order by the language, so walking
 * such a record is deterministic and in the order of the ids.
 */
export const byNumber = <C extends t.Mixed>(
  codec: C,
): t.Type<Readonly<Record<number, t.TypeOf<C>>>, Record<string, t.OutputOf<C>>, unknown> => {
  const inner = t.record(t.string, codec);
  const keysAreNatural = (r: object): boolean => Object.keys(r).every((k) => /^\d{1,10}$/.test(k));
  return new t.Type(
    `Record<number, ${codec.name}>`,
    (u): u is Readonly<Record<number, t.TypeOf<C>>> => inner.is(u) && keysAreNatural(u),
    (u, c) =>
      either.chain(inner.validate(u, c), (r) =>
        keysAreNatural(r)
          ? t.success(r as Readonly<Record<number, t.TypeOf<C>>>)
          : t.failure(u, c, 'keys must be non-negative integers'),
      ),
    (a) => inner.encode(a as Record<string, t.TypeOf<C>>) as Record<string, t.OutputOf<C>>,
  );
};

/** The entries of a numeric record as [number, value], ascending. */
export const numericEntries = <V>(record: Readonly<Record<number, V>>): [number, V][] =>
  Object.entries(record).map(([k, v]) => [Number(k), v]);

/** The keys of a numeric record, ascending. */
export const numericKeys = (record: Readonly<Record<number, unknown>>): number[] =>
  Object.keys(record).map(Number);

/** A natural number, exact in a double. */
export const Natural = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, 'Natural');
export type Natural = t.TypeOf<typeof Natural>;

interface TypedArray {
  readonly length: number;
  [n: number]: number;
}

/** Refuse to expand run lengths beyond this many elements: 16 M pages and some. */
const MAX_ELEMENTS = 2 ** 26;

/**
 * A typed array that is a list of [value, repeat] runs outside: a frame table
 * of a million equal frames is one pair. Input longer than 2^26 elements is
 * refused before anything is allocated.
 */
export const runLength = <A extends TypedArray>(
  name: string,
  make: (length: number) => A,
  is: (u: unknown) => u is A,
  max: number,
): t.Type<A, [number, number][], unknown> => {
  const runs = t.array(t.tuple([Natural, Natural]));
  return new t.Type(
    name,
    is,
    (u, c) =>
      either.chain(runs.validate(u, c), (list) => {
        let length = 0;
        for (const [value, repeat] of list) {
          length += repeat;
          if (value > max) return t.failure(u, c, `${value} does not fit ${name}`);
          if (length > MAX_ELEMENTS) return t.failure(u, c, `longer than ${MAX_ELEMENTS}`);
        }
        const a = make(length);
        let i = 0;
        for (const [value, repeat] of list) for (let k = 0; k < repeat; k++) a[i++] = value;
        return t.success(a);
      }),
    (a) => {
      const list: [number, number][] = [];
      for (let i = 0; i < a.length; ) {
        const value = a[i] as number;
        let end = i + 1;
        while (end < a.length && a[end] === value) end++;
        list.push([value, end - i]);
        i = end;
      }
      return list;
    },
  );
};

export const U16 = runLength(
  'Uint16Array',
  (n) => new Uint16Array(n),
  (u): u is Uint16Array => u instanceof Uint16Array,
  0xffff,
);
export const U32 = runLength(
  'Uint32Array',
  (n) => new Uint32Array(n),
  (u): u is Uint32Array => u instanceof Uint32Array,
  0xffff_ffff,
);

/** Bytes, as base64 outside. */
export const Bytes = new t.Type<Uint8Array, string, unknown>(
  'Bytes',
  (u): u is Uint8Array => u instanceof Uint8Array,
  (u, c) =>
    typeof u === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(u)
      ? t.success(new Uint8Array(Buffer.from(u, 'base64')))
      : t.failure(u, c, 'expected base64'),
  (a) => Buffer.from(a).toString('base64'),
);
