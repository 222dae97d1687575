/** The count and type words of a listed page, decoded by the version's layout (F8.1, F8.2). */
import type { PageInfoLayout } from '../../design/versions.ts';

export interface CountWord {
  readonly allocated: boolean;
  readonly xenHeap: boolean;
  readonly extra: boolean;
  /** General references. */
  readonly count: number;
}

export interface TypeWord {
  /** PGT value, 0..7. */
  readonly type: number;
  readonly pinned: boolean;
  readonly partial: boolean;
  readonly count: number;
}

/** Bits of type_info; their places are the same in all versions described. */
const TYPE_SHIFT = 61n;
const PINNED = 59n;
const PARTIAL = 56n;

const isSet = (word: bigint, bit: bigint): boolean => ((word >> bit) & 1n) === 1n;
const low = (word: bigint, bits: number): number => Number(word & ((1n << BigInt(bits)) - 1n));

export const decodeCount = (layout: PageInfoLayout, word: bigint): CountWord => ({
  allocated: isSet(word, BigInt(layout.allocated)),
  xenHeap: isSet(word, BigInt(layout.xenHeap)),
  extra: layout.extra !== null && isSet(word, BigInt(layout.extra)),
  count: low(word, layout.countBits),
});

export const decodeType = (layout: PageInfoLayout, word: bigint): TypeWord => ({
  type: Number((word >> TYPE_SHIFT) & 7n),
  pinned: isSet(word, PINNED),
  partial: isSet(word, PARTIAL),
  count: low(word, layout.typeCountBits),
});
