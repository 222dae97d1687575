/**
 * The breadcrumb in the first words of bootmem (R32, F1.1, W3's form): magic,
 * physical address of the MFN array, number of data pages shifted by
 * PAGE_SHIFT. kexec_reloc writes them one by one and stores multiples of 4096
 * only, so every value has its low 12 bits clear.
 */
import * as E from 'fp-ts/lib/Either.js';
import { PAGE_SIZE } from '../host/constants.ts';

/** LIVE_UPDATE_MAGIC of W3 with its low 12 bits cleared (F1.1). */
export const MAGIC = 0x4c697665_55706000n;
const WORDS = 3;
/** Bytes of the page that say something. */
export const BREADCRUMB_BYTES = WORDS * 8;

export interface Breadcrumb {
  /** Frame of the first page of the MFN array. */
  readonly arrayFrame: number;
  /** Data pages of the stream. */
  readonly pages: number;
}

/** The first page of bootmem as kexec_reloc leaves it. */
export const encodeBreadcrumb = (b: Breadcrumb, withMagic: boolean): Uint8Array => {
  const page = new Uint8Array(PAGE_SIZE);
  const view = new DataView(page.buffer);
  const words = [
    withMagic ? MAGIC : 0n,
    BigInt(b.arrayFrame) * BigInt(PAGE_SIZE),
    BigInt(b.pages) * BigInt(PAGE_SIZE),
  ];
  words.forEach((w, i) => {
    view.setBigUint64(i * 8, w, true);
  });
  return page;
};

/** Reads it; without the magic check any three aligned words pass (S29). */
export const decodeBreadcrumb = (
  page: Uint8Array,
  checkMagic: boolean,
): E.Either<string, Breadcrumb> => {
  if (page.length < BREADCRUMB_BYTES) return E.left('the breadcrumb page is too short');
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const [magic, address, size] = [0, 8, 16].map((o) => view.getBigUint64(o, true)) as [
    bigint,
    bigint,
    bigint,
  ];
  if (checkMagic && magic !== MAGIC)
    return E.left(`no breadcrumb: magic is 0x${magic.toString(16)} (R32)`);
  const page4k = BigInt(PAGE_SIZE);
  if (address % page4k !== 0n || size % page4k !== 0n || address === 0n || size === 0n)
    return E.left('the breadcrumb is not of whole pages (F1.1)');
  return E.right({ arrayFrame: Number(address / page4k), pages: Number(size / page4k) });
};

/** MFNs of one page of the array: 8 bytes each (F13.9). */
export const MFNS_PER_PAGE = PAGE_SIZE / 8;

/** The array's pages: the data pages' MFNs in order, 8 bytes each (R31). */
export const encodeMfnArray = (frames: readonly number[]): Uint8Array => {
  const pages = Math.max(1, Math.ceil(frames.length / MFNS_PER_PAGE));
  const bytes = new Uint8Array(pages * PAGE_SIZE);
  const view = new DataView(bytes.buffer);
  frames.forEach((f, i) => {
    view.setBigUint64(i * 8, BigInt(f), true);
  });
  return bytes;
};

export const decodeMfnArray = (bytes: Uint8Array, count: number): E.Either<string, number[]> => {
  if (bytes.length < count * 8) return E.left('the MFN array is shorter than the page count says');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: number[] = [];
  for (let i = 0; i < count; i++) {
    const f = view.getBigUint64(i * 8, true);
    if (f >= 2n ** 28n) return E.left(`entry ${i} of the MFN array is no frame of this model`);
    frames.push(Number(f));
  }
  return E.right(frames);
};
