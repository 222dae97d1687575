/** The parts of an assign, which are learned apart, and what they write. */
import type { Memo } from './memo.ts';
import type { Put } from './place.ts';
import { MAX_SLOTS } from './slots.ts';
import type { Table } from './table.ts';

/** What a part writes in one case: slot and id in turn. */
export interface Written {
  readonly writes: readonly number[];
  /** What it writes for items that it makes apart, each by what it rests on. */
  readonly items: readonly Memo<readonly number[]>[];
}

/** The part of an assign that is one function, or one constant. */
export interface Part {
  /** The field it computes; undefined if it gives several as an object. */
  readonly key: string | undefined;
  readonly place: string;
  readonly run: (context: unknown) => unknown;
  readonly memo: Memo<Written>;
  /** False once it does not help to know what single items rest on. */
  itemWise: boolean;
  /** True once it made items apart: no table then. */
  hasItems: boolean;
  /** Takes over from the tree while every run reads the same slots. */
  table: Table | undefined;
  /** What the last run read, and how many runs in a row read just that. */
  steady: readonly number[];
  steadyFor: number;
  /** True once its tree does not help: it is run on a plain context each time. */
  plain: boolean;
}

/** Puts slot and id in turn. */
export function putAll(writes: readonly number[], put: Put): void {
  for (let i = 0; i < writes.length; i += 2) put(writes[i] as number, writes[i + 1] as number);
}

const readMark = new Uint8Array(MAX_SLOTS);

/** Drops writes of what a slot is known to hold, since it was read. */
export function withoutUnchanged(
  writes: readonly number[],
  reads: readonly number[],
  v: Int32Array,
): readonly number[] {
  for (const slot of reads) readMark[slot] = 1;
  const kept: number[] = [];
  for (let i = 0; i < writes.length; i += 2) {
    const slot = writes[i] as number;
    const id = writes[i + 1] as number;
    if (readMark[slot] !== 1 || v[slot] !== id) kept.push(slot, id);
  }
  for (const slot of reads) readMark[slot] = 0;
  return kept;
}
