/**
 * What the body of a record looks like, as a value: from one schema come its
 * encoder, its decoder, its type and its description. Everything is little
 * endian and packed, without padding between fields. Decoding is strict and
 * one to one: two different bodies never decode to the same value, save for
 * bytes that a record declares as reserved.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { SchemaError } from './errors.ts';
import { Input } from './input.ts';
import { Output } from './output.ts';
import type { Shape } from './shape.ts';

export interface Schema<A> {
  /** What octet diagrams and descriptions in other notations are made from. */
  readonly shape: Shape;
  /** Bytes of the smallest encoding; bounds how many items a count may announce. */
  readonly minBytes: number;
  /** Appends the encoding, or makes the output fail. */
  write(out: Output, value: A): void;
  /** Reads one value, or makes the input fail; what is returned then means nothing. */
  read(input: Input): A;
}

/** The type that a schema encodes. */
export type TypeOf<S> = S extends Schema<infer A> ? A : never;

/** Bytes of one value. Errors: `range`, `value`, `length`, `text`, with the path of the field. */
export const encode = <A>(schema: Schema<A>, value: A): E.Either<SchemaError, Uint8Array> => {
  const out = new Output();
  schema.write(out, value);
  return out.failure === null ? E.right(out.finish()) : E.left(out.failure.toError());
};

/**
 * The value that `bytes` hold, all of them. Time and memory are bounded by
 * their number. Errors: any `SchemaErrorKind`, with offset and path.
 */
export const decode = <A>(schema: Schema<A>, bytes: Uint8Array): E.Either<SchemaError, A> => {
  const input = new Input(bytes);
  const value = schema.read(input);
  if (input.failure === null && input.remaining > 0)
    input.fail('trailing', `no ${input.remaining} bytes behind the last field`);
  return input.failure === null ? E.right(value) : E.left(input.failure.toError());
};
