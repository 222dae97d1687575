/** Records in, the bytes of a stream out. */
import * as E from 'fp-ts/lib/Either.js';
import type { StreamError } from './errors.ts';
import { encodeImageHeader } from './framing/headers.ts';
import { paddingOf, REC_LENGTH_MAX } from './framing/record.ts';
import { placedOf } from './placed.ts';
import { StreamOrder } from './records/order.ts';
import { definitionOf, type LuRecord } from './records/registry.ts';
import { IMAGE_VERSION, RECORD_TYPE } from './records/types.ts';
import { Output } from './schema/output.ts';

/**
 * Builds a stream record by record. An error sticks: every later call gives
 * it again and no bytes are handed out, so that an error which somebody
 * drops on the way cannot turn into a stream that looks whole (F1.14).
 */
export class StreamWriter {
  readonly #out = new Output();
  readonly #order = new StreamOrder();
  #error: StreamError | null = null;

  constructor() {
    this.#out.put(encodeImageHeader(IMAGE_VERSION));
  }

  /** Bytes so far: where the next record begins. */
  get offset(): number {
    return this.#out.at;
  }

  /** Appends one record. Errors: `order`, `body`, `framing` for a body above `REC_LENGTH_MAX`. */
  append(record: LuRecord): E.Either<StreamError, void> {
    if (this.#error !== null) return E.left(this.#error);
    const written = this.#write(record);
    if (E.isLeft(written)) this.#error = written.left;
    return written;
  }

  /** Appends END and gives the stream. Errors: as for `append`, first error first. */
  finish(): E.Either<StreamError, Uint8Array> {
    const end = this.append({ name: 'END', body: {} });
    return E.isLeft(end) ? end : E.right(this.#out.finish());
  }

  #write(record: LuRecord): E.Either<StreamError, void> {
    const out = this.#out;
    const offset = out.at;
    const { domid } = this.#order;
    const placed = this.#order.see(placedOf(record.name, record.body));
    if (E.isLeft(placed)) return E.left({ kind: 'order', offset, error: placed.left });
    out.u32(RECORD_TYPE[record.name]);
    out.u32(0);
    out.beginBody();
    const start = out.at;
    definitionOf(record.name).schema.write(out, record.body);
    if (out.failure !== null)
      return E.left({
        kind: 'body',
        offset,
        record: record.name,
        domid,
        error: out.failure.toError(),
      });
    const length = out.at - start;
    if (length > REC_LENGTH_MAX) {
      const type = RECORD_TYPE[record.name];
      const limit = REC_LENGTH_MAX;
      const error = { kind: 'record-too-long', offset, type, length, limit } as const;
      return E.left({ kind: 'framing', offset, error });
    }
    out.patchU32(start - 4, length);
    out.zeroes(paddingOf(length));
    return E.right(undefined);
  }
}

/**
 * The stream of these records, with image header and END around them. The
 * same records give the same bytes. Errors: the first of any record.
 */
export const encodeStream = (records: Iterable<LuRecord>): E.Either<StreamError, Uint8Array> => {
  const writer = new StreamWriter();
  for (const record of records) {
    const appended = writer.append(record);
    if (E.isLeft(appended)) return appended;
  }
  return writer.finish();
};
