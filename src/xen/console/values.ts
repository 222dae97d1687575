/** Values as printed, to numbers. The forms have checked the characters. */
import type { Ranges } from '../capture/reading.ts';

/** The `index`th value of a line as printed; empty if it has none. */
export const at = (values: readonly string[], index: number): string => values[index] ?? '';
export const dec = (values: readonly string[], index: number): number => Number(at(values, index));
export const hex = (values: readonly string[], index: number): number =>
  Number.parseInt(at(values, index), 16);
export const big = (values: readonly string[], index: number): bigint =>
  BigInt(`0x${at(values, index)}`);

/**
 * A printed list of numbers and ranges, e.g. `0-1,3` or ` 0-1f, 22-3f`.
 * Undefined if it is not ascending and disjoint, which Xen always prints.
 */
export const ranges = (text: string, radix: 10 | 16): Ranges | undefined => {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const list: [number, number][] = [];
  let previous = -1;
  for (const item of trimmed.split(',')) {
    const [from = '', to = from] = item.trim().split('-');
    const first = Number.parseInt(from, radix);
    const last = Number.parseInt(to, radix);
    if (!(first > previous && last >= first)) return undefined;
    list.push([first, last]);
    previous = last;
  }
  return list;
};

/** Whether a number lies in one of the ranges. */
export const within = (list: Ranges, value: number): boolean =>
  list.some(([first, last]) => first <= value && value <= last);
