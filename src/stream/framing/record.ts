/**
 * The record of libxc's migration stream, which the Live Update stream shares
 * (F10.3, F1.13): type u32, length u32, body, zeroes up to a multiple of 8.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Endian, FramingError } from './errors.ts';
import { hex } from './errors.ts';

/** Bytes of a record header. */
export const RECORD_HEADER_BYTES = 8;

/** Longest body that a reader accepts: 128 MiB (F1.13). */
export const REC_LENGTH_MAX = 128 * 1024 * 1024;

/** Type of the record that ends a stream; its body is empty (F10.5). */
export const REC_TYPE_END = 0;

/** Set in the type of a record that a reader may pass over (F10.3). */
export const REC_TYPE_OPTIONAL = 0x80000000;

/** Set in the type of Live Update records (F1.13). */
export const REC_TYPE_LIVE_UPDATE = 0x40000000;

const U32_MAX = 0xffffffff;

/** A record header as read. */
export interface RecordHeader {
  /** u32 */
  readonly type: number;
  /** Bytes of body, without padding. */
  readonly length: number;
  /** Byte offset of the header in the stream. */
  readonly offset: number;
}

/** A record with its body; `body` is a view on the input, not a copy. */
export interface StreamRecord extends RecordHeader {
  readonly body: Uint8Array;
}

/** True when a reader that does not know this type may pass over it. */
export const isOptionalType = (type: number): boolean => type >= REC_TYPE_OPTIONAL;

/** Bytes of padding after a body of `length` bytes: 0 to 7. */
export const paddingOf = (length: number): number => -length & 7;

/** Bytes of a whole record in the stream: header, body and padding. */
export const recordBytes = (length: number): number =>
  RECORD_HEADER_BYTES + length + paddingOf(length);

/** A view of the same bytes for reading integers. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * What to do with a record that the reader has no meaning for: `Right` to
 * pass over it, `Left` when it is mandatory (F10.3).
 */
export const passUnknown = (record: RecordHeader): E.Either<FramingError, void> =>
  isOptionalType(record.type)
    ? E.right(undefined)
    : E.left({ kind: 'unknown-mandatory', offset: record.offset, type: record.type });

/**
 * Encodes one record. `type` is a u32; `body` at most `REC_LENGTH_MAX` bytes,
 * so that whatever is written can be read back. Else `unencodable`.
 */
export const encodeRecord = (
  type: number,
  body: Uint8Array,
  endian: Endian = 'little',
): E.Either<FramingError, Uint8Array> => {
  if (!Number.isInteger(type) || type < 0 || type > U32_MAX) {
    return E.left({ kind: 'unencodable', offset: 0, reason: `record type ${type} is not a u32` });
  }
  if (body.byteLength > REC_LENGTH_MAX) {
    const reason = `record ${hex(type)} of ${body.byteLength} bytes, limit ${REC_LENGTH_MAX}`;
    return E.left({ kind: 'unencodable', offset: 0, reason });
  }
  const bytes = new Uint8Array(recordBytes(body.byteLength));
  const view = viewOf(bytes);
  view.setUint32(0, type, endian === 'little');
  view.setUint32(4, body.byteLength, endian === 'little');
  bytes.set(body, RECORD_HEADER_BYTES);
  return E.right(bytes);
};

/**
 * Decodes the 8 header bytes at `at`; the caller has made sure that they are
 * there. `offset` is where they are in the stream. Only the length is judged.
 */
export const decodeRecordHeader = (
  view: DataView,
  at: number,
  offset: number,
  endian: Endian,
  limit: number = REC_LENGTH_MAX,
): E.Either<FramingError, RecordHeader> => {
  const type = view.getUint32(at, endian === 'little');
  const length = view.getUint32(at + 4, endian === 'little');
  return length > limit
    ? E.left({ kind: 'record-too-long', offset, type, length, limit })
    : E.right({ type, length, offset });
};

/** Index of the first byte in `[from, to)` that is not zero, or -1. */
export const firstNonZero = (bytes: Uint8Array, from: number, to: number): number => {
  for (let i = from; i < to; i += 1) if (bytes[i] !== 0) return i;
  return -1;
};
