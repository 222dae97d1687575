/**
 * Unsigned 64-bit values as pairs of 32-bit halves.
 *
 * A TSC counts past 2^53 after five weeks at 3 GHz, and guest addresses use
 * all 64 bits, so neither fits a number; a `bigint` would be an allocation
 * per record. A pair stays exact and compares in two steps.
 */

/** An unsigned 64-bit value: `hi * 2^32 + lo`, both halves 0 to 2^32 - 1. */
export interface U64 {
  readonly hi: number;
  readonly lo: number;
}

const HALF = 0x1_0000_0000;

/** Negative, zero or positive as the first pair is below, equal to or above the second. */
export const compareHalves = (aHi: number, aLo: number, bHi: number, bLo: number): number =>
  aHi === bHi ? aLo - bLo : aHi - bHi;

/**
 * `a - b` as a number: exact while the difference is within 2^53, which is
 * five weeks of tracing at 3 GHz, whatever the two values are.
 */
export const differenceOf = (a: U64, b: U64): number => (a.hi - b.hi) * HALF + (a.lo - b.lo);

/** `0x` and sixteen hexadecimal digits. */
export const u64Hex = ({ hi, lo }: U64): string =>
  `0x${hi.toString(16).padStart(8, '0')}${lo.toString(16).padStart(8, '0')}`;
