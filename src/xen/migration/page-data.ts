/** The pfn words of PAGE_DATA: page type and pfn of each page (F10.4). */

/** Bits 59 to 52 of a pfn word are reserved: these of its upper half. */
const RESERVED_HIGH = 0x0ff00000;
const PFN_HIGH = 0x000fffff;

/** Upper half of a pfn word: four bits of type, eight reserved, 20 of pfn. */
export const highHalf = (view: DataView, index: number, little: boolean): number =>
  view.getUint32(8 * index + (little ? 4 : 0), little);

/** PFINFO type of a word, 0 to 15. */
export const typeOf = (high: number): number => high >>> 28;

/** Reserved bits of a word, as they stand in its upper half. */
export const reservedOf = (high: number): number => high & RESERVED_HIGH;

/** Pfn of word `index`, up to 2^52 - 1. */
export const pfnOf = (view: DataView, index: number, high: number, little: boolean): number =>
  (high & PFN_HIGH) * 0x1_0000_0000 + view.getUint32(8 * index + (little ? 0 : 4), little);
