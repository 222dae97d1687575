import { it } from '@fast-check/vitest';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect } from 'vitest';
import {
  encodeRecord,
  isOptionalType,
  passUnknown,
  REC_LENGTH_MAX,
  recordBytes,
} from '../../../src/stream/framing/record.ts';
import { RecordReader } from '../../../src/stream/framing/record-reader.ts';

const record = fc.record({
  type: fc.integer({ min: 0, max: 0xffffffff }),
  body: fc.uint8Array({ maxLength: 40 }),
});
const endian = fc.constantFrom('little' as const, 'big' as const);

const encoded = (type: number, body: Uint8Array, order: 'little' | 'big' = 'little') => {
  const bytes = encodeRecord(type, body, order);
  if (E.isLeft(bytes)) throw new Error(JSON.stringify(bytes.left));
  return bytes.right;
};

describe('a record', () => {
  it('is type, length, body and zeroes up to a multiple of eight', () => {
    expect([...encoded(0x12, Uint8Array.of(1, 2, 3))]).toEqual([
      0x12, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0,
    ]);
    expect([...encoded(0x12, Uint8Array.of(), 'big')]).toEqual([0, 0, 0, 0x12, 0, 0, 0, 0]);
  });

  it('has no encoding when its type is not a u32 or its body too long', () => {
    for (const type of [-1, 1.5, 2 ** 32, Number.NaN]) {
      expect(encodeRecord(type, Uint8Array.of())).toMatchObject({ left: { kind: 'unencodable' } });
    }
    const huge = new Uint8Array(REC_LENGTH_MAX + 1);
    expect(encodeRecord(1, huge)).toMatchObject({ left: { kind: 'unencodable' } });
  });

  it.prop([fc.array(record, { maxLength: 8 }), endian])(
    'is read back as it was written, in either byte order, without a copy',
    (records, order) => {
      const bytes = Buffer.concat(records.map((r) => encoded(r.type, r.body, order)));
      const reader = new RecordReader(bytes, { endian: order, base: 1000 });
      let offset = 1000;
      for (const wanted of records) {
        const got = reader.next();
        if (E.isLeft(got) || got.right === undefined) throw new Error('record lost');
        expect(got.right).toMatchObject({ type: wanted.type, offset });
        expect([...got.right.body]).toEqual([...wanted.body]);
        expect(got.right.body.buffer).toBe(bytes.buffer);
        offset += recordBytes(wanted.body.length);
      }
      expect(reader.next()).toEqual(E.right(undefined));
    },
  );
});

describe('a record reader', () => {
  it('says at which byte the input was cut, wherever it is cut', () => {
    const bytes = encoded(5, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const got = new RecordReader(bytes.subarray(0, cut), { base: 64 }).next();
      expect(got).toMatchObject({ left: { kind: 'truncated', offset: 64, available: cut } });
    }
  });

  it('refuses a length above the limit before it looks for the body', () => {
    const bomb = Uint8Array.of(1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff);
    expect(new RecordReader(bomb).next()).toMatchObject({
      left: { kind: 'record-too-long', length: 0xffffffff, limit: REC_LENGTH_MAX },
    });
  });

  it('finds the padding byte that is not zero, unless told to ignore it', () => {
    const bytes = encoded(5, Uint8Array.of(1, 2, 3));
    bytes[14] = 1;
    expect(new RecordReader(bytes).next()).toEqual(
      E.left({ kind: 'nonzero-padding', offset: 14, type: 5 }),
    );
    expect(E.isRight(new RecordReader(bytes, { padding: 'ignore' }).next())).toBe(true);
  });

  it('passes over an unknown optional record and refuses a mandatory one', () => {
    const at = (type: number) => ({ type, length: 0, offset: 8 });
    expect(isOptionalType(0x80000000)).toBe(true);
    expect(isOptionalType(0x7fffffff)).toBe(false);
    expect(passUnknown(at(0x80000001))).toEqual(E.right(undefined));
    expect(passUnknown(at(0x40000099))).toMatchObject({
      left: { kind: 'unknown-mandatory', offset: 8, type: 0x40000099 },
    });
  });
});
