/**
 * Image header (F10.1, always big-endian) and domain header (F10.2, in the
 * stream's own byte order). Reserved fields are zero when written and are
 * handed to the reader as they are, since a restore ignores them (F10.3).
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Endian, FramingError } from './errors.ts';
import { hex } from './errors.ts';
import { viewOf } from './record.ts';

export const IMAGE_HEADER_BYTES = 24;
export const DOMAIN_HEADER_BYTES = 16;
/** First eight bytes of an image: what no legacy stream begins with. */
export const IMAGE_MARKER = 0xffffffffffffffffn;
/** "XENF" */
export const IMAGE_ID = 0x58454e46;

const OPTION_BIG_ENDIAN = 1;

export interface ImageHeader {
  /** 2 or 3 in libxc streams; other streams have numbers of their own. */
  readonly version: number;
  readonly endian: Endian;
  /** Bits 1 to 15 of the options, as read. */
  readonly reservedOptions: number;
  /** The reserved u16 and u32 behind the options, as read. */
  readonly reserved: readonly [number, number];
}

/** Guest type in a domain header: 1 is x86 PV, 2 is x86 HVM (or PVH). */
type DomainType = 'pv' | 'hvm';

export interface DomainHeader {
  readonly type: DomainType;
  /** log2 of the page size; 12 on x86. */
  readonly pageShift: number;
  readonly reserved: number;
  /** 0 when the stream was converted from a legacy one. */
  readonly xenMajor: number;
  readonly xenMinor: number;
}

const cut = (what: string, wanted: number, available: number, offset: number) =>
  E.left<FramingError>({ kind: 'truncated', offset, what, wanted, available });

const bad = (field: string, got: string, expected: string, offset: number) =>
  E.left<FramingError>({ kind: 'bad-header', offset, field, got, expected });

/** Encodes an image header with its reserved fields zero. */
export const encodeImageHeader = (version: number, endian: Endian = 'little'): Uint8Array => {
  const bytes = new Uint8Array(IMAGE_HEADER_BYTES);
  const view = viewOf(bytes);
  view.setBigUint64(0, IMAGE_MARKER);
  view.setUint32(8, IMAGE_ID);
  view.setUint32(12, version);
  view.setUint16(16, endian === 'big' ? OPTION_BIG_ENDIAN : 0);
  return bytes;
};

/**
 * Decodes the first 24 bytes of `bytes`, which lie at `offset` in the stream.
 * Errors: `truncated`; `bad-header` for marker, id, or a version that is not
 * in `versions`.
 */
export const decodeImageHeader = (
  bytes: Uint8Array,
  versions: readonly number[],
  offset = 0,
): E.Either<FramingError, ImageHeader> => {
  if (bytes.byteLength < IMAGE_HEADER_BYTES) {
    return cut('image header', IMAGE_HEADER_BYTES, bytes.byteLength, offset);
  }
  const view = viewOf(bytes);
  const marker = view.getBigUint64(0);
  if (marker !== IMAGE_MARKER) {
    return bad('image marker', hex(marker, 16), hex(IMAGE_MARKER), offset);
  }
  const id = view.getUint32(8);
  if (id !== IMAGE_ID) return bad('image id', hex(id, 8), hex(IMAGE_ID), offset + 8);
  const version = view.getUint32(12);
  if (!versions.includes(version)) {
    return bad('image version', String(version), versions.join(' or '), offset + 12);
  }
  const options = view.getUint16(16);
  return E.right({
    version,
    endian: (options & OPTION_BIG_ENDIAN) === 0 ? 'little' : 'big',
    reservedOptions: options & ~OPTION_BIG_ENDIAN,
    reserved: [view.getUint16(18), view.getUint32(20)],
  });
};

/** Encodes a domain header with its reserved field zero. */
export const encodeDomainHeader = (
  header: Pick<DomainHeader, 'type' | 'xenMajor' | 'xenMinor'>,
  endian: Endian = 'little',
): Uint8Array => {
  const bytes = new Uint8Array(DOMAIN_HEADER_BYTES);
  const view = viewOf(bytes);
  const little = endian === 'little';
  view.setUint32(0, header.type === 'pv' ? 1 : 2, little);
  view.setUint16(4, 12, little);
  view.setUint32(8, header.xenMajor, little);
  view.setUint32(12, header.xenMinor, little);
  return bytes;
};

/**
 * Decodes the first 16 bytes of `bytes`, which lie at `offset` in the stream.
 * Errors: `truncated`; `bad-header` for another type than x86 PV or HVM, or
 * for a page shift other than 12.
 */
export const decodeDomainHeader = (
  bytes: Uint8Array,
  endian: Endian,
  offset = 0,
): E.Either<FramingError, DomainHeader> => {
  if (bytes.byteLength < DOMAIN_HEADER_BYTES) {
    return cut('domain header', DOMAIN_HEADER_BYTES, bytes.byteLength, offset);
  }
  const view = viewOf(bytes);
  const little = endian === 'little';
  const type = view.getUint32(0, little);
  if (type !== 1 && type !== 2) return bad('domain type', hex(type), '1 (PV) or 2 (HVM)', offset);
  const pageShift = view.getUint16(4, little);
  if (pageShift !== 12) return bad('domain page shift', String(pageShift), '12', offset + 4);
  return E.right({
    type: type === 1 ? 'pv' : 'hvm',
    pageShift,
    reserved: view.getUint16(6, little),
    xenMajor: view.getUint32(8, little),
    xenMinor: view.getUint32(12, little),
  });
};
