import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  decodeDomainHeader,
  decodeImageHeader,
  encodeDomainHeader,
  encodeImageHeader,
} from '../../../src/stream/framing/headers.ts';

describe('an image header', () => {
  it('is big-endian whatever the stream is', () => {
    const bytes = encodeImageHeader(3, 'big');
    expect([...bytes.subarray(8, 18)]).toEqual([0x58, 0x45, 0x4e, 0x46, 0, 0, 0, 3, 0, 1]);
    expect(decodeImageHeader(bytes, [2, 3])).toEqual(
      E.right({ version: 3, endian: 'big', reservedOptions: 0, reserved: [0, 0] }),
    );
  });

  it('is refused for marker, id, version or length, each with its offset', () => {
    const spoilt = (at: number) => {
      const bytes = encodeImageHeader(3);
      bytes[at] = 0x77;
      return decodeImageHeader(bytes, [2, 3], 100);
    };
    expect(spoilt(3)).toMatchObject({ left: { field: 'image marker', offset: 100 } });
    expect(spoilt(9)).toMatchObject({ left: { field: 'image id', offset: 108 } });
    expect(spoilt(15)).toMatchObject({ left: { field: 'image version', offset: 112 } });
    expect(decodeImageHeader(encodeImageHeader(3).subarray(0, 23), [3])).toMatchObject({
      left: { kind: 'truncated', wanted: 24, available: 23 },
    });
  });

  it('hands reserved bits on instead of refusing them', () => {
    const bytes = encodeImageHeader(2);
    bytes[16] = 0x80;
    bytes[23] = 9;
    expect(decodeImageHeader(bytes, [2])).toMatchObject({
      right: { reservedOptions: 0x8000, reserved: [0, 9] },
    });
  });
});

describe('a domain header', () => {
  it('comes back in both byte orders', () => {
    const header = { type: 'hvm' as const, xenMajor: 4, xenMinor: 17 };
    for (const endian of ['little', 'big'] as const) {
      expect(decodeDomainHeader(encodeDomainHeader(header, endian), endian)).toEqual(
        E.right({ ...header, pageShift: 12, reserved: 0 }),
      );
    }
  });

  it('is refused for an unknown type, another page size, or too few bytes', () => {
    const bytes = encodeDomainHeader({ type: 'pv', xenMajor: 4, xenMinor: 17 });
    expect(decodeDomainHeader(bytes.subarray(0, 15), 'little')).toMatchObject({
      left: { kind: 'truncated' },
    });
    bytes[4] = 14;
    expect(decodeDomainHeader(bytes, 'little', 32)).toMatchObject({
      left: { field: 'domain page shift', offset: 36 },
    });
    bytes[0] = 4;
    expect(decodeDomainHeader(bytes, 'little')).toMatchObject({ left: { field: 'domain type' } });
  });
});
