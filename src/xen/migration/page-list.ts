/** Every pfn that a stream describes, with its last stated page type. */
import { GrowableFloat64, GrowableUint8 } from './growable.ts';

/** Parallel arrays, one element per pfn, ascending. */
export interface PageList {
  readonly pfns: Float64Array;
  /** PFINFO type of each (F10.4). */
  readonly types: Uint8Array;
}

/** Index of `pfn` in the list, or -1. One step when pfns run from 0 upwards. */
export const pageIndex = ({ pfns }: PageList, pfn: number): number => {
  if (pfns[pfn] === pfn) return pfn;
  let low = 0;
  let high = pfns.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = pfns[middle] as number;
    if (found === pfn) return middle;
    if (found < pfn) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
};

/**
 * Gathers the pages of a stream. A live migration describes a pfn many times:
 * the last time counts. Takes 9 bytes for each time, where the stream takes
 * eight at least.
 */
export class PageLog {
  readonly #pfns = new GrowableFloat64();
  readonly #types = new GrowableUint8();
  #ascending = true;
  #last = -1;

  push(pfn: number, type: number): void {
    if (pfn <= this.#last) this.#ascending = false;
    this.#last = pfn;
    this.#pfns.push(pfn);
    this.#types.push(type);
  }

  /** The list as it stands. */
  finish(): PageList {
    const pfns = this.#pfns.view();
    const types = this.#types.view();
    if (this.#ascending) return { pfns: pfns.slice(), types: types.slice() };
    const sorted = withoutDoubles(pfns.slice().sort());
    const list = { pfns: sorted, types: new Uint8Array(sorted.length) };
    for (let i = 0; i < pfns.length; i += 1) {
      list.types[pageIndex(list, pfns[i] as number)] = types[i] as number;
    }
    return list;
  }
}

/** Moves the distinct values of a sorted array to its front. */
const withoutDoubles = (sorted: Float64Array): Float64Array => {
  let kept = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    if (i > 0 && sorted[i] === sorted[i - 1]) continue;
    sorted[kept] = sorted[i] as number;
    kept += 1;
  }
  return sorted.slice(0, kept);
};
