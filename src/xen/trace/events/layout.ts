/**
 * How an event's words become named fields. A layout names the code, the
 * least number of words that it needs, and the reading; the union of all
 * events is inferred from the layouts, so an event that is added here is
 * known to every exhaustive match.
 *
 * Words are read as the hypervisor lays them out (4.17), which is not in
 * every case what tools/xentrace/formats prints.
 */
import type { TraceRecord } from '../record.ts';
import type { U64 } from '../u64.ts';

/** Reads one kind of record. */
export interface EventLayout<T extends { readonly type: string }> {
  readonly code: number;
  /** A record with fewer words is passed on as `unknown`. */
  readonly words: number;
  readonly read: (record: TraceRecord) => T;
}

/** A layout whose event type is taken from what `read` answers. */
export const layout = <const T extends { readonly type: string }>(
  code: number,
  words: number,
  read: (record: TraceRecord) => T,
): EventLayout<T> => ({ code, words, read });

/** TRC_64_FLAG: in classes that have it, addresses take two words. */
export const WIDE = 0x100;

/** The 64-bit value in words `index` (low) and `index + 1` (high). */
export const pairAt = (record: TraceRecord, index: number): U64 => ({
  hi: record.word(index + 1),
  lo: record.word(index),
});

/** A 32-bit value as a pair, for fields that are 64 bits wide elsewhere. */
export const narrow = (value: number): U64 => ({ hi: 0, lo: value });

/** Low 16 bits of a word. */
export const low = (word: number): number => word & 0xffff;

/** High 16 bits of a word. */
export const high = (word: number): number => word >>> 16;

/** Byte `index` of a word, 0 the lowest. */
export const byteOf = (word: number, index: number): number => (word >>> (8 * index)) & 0xff;

/** A word as a signed number. */
export const signed = (word: number): number => word | 0;
