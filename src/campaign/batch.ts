/**
 * A batch: some cases of one property with a seed of their own. Campaigns
 * consist of batches that know nothing of each other, so that machines can
 * share them out, an interrupted one can go on, and results are put together
 * in any order. Nothing in a result depends on when or where it was made.
 */
import * as t from 'io-ts';

/** Cases of one batch: a second or so. */
export const CASES_OF_A_BATCH = 25;

const Counts = t.record(t.string, t.number);

/** A case in which the property does not hold: the smallest one found. */
const Failure = t.type({
  invariants: t.array(t.string),
  what: t.array(t.string),
  /** The case in words. */
  described: t.array(t.string),
  /** With the seed, leads straight to the case. */
  path: t.string,
});

export const Batch = t.type(
  {
    /** Of the campaign. */
    seed: t.Integer,
    property: t.string,
    /** From 0. */
    index: t.Integer,
    /** Of the cases; follows from the three above. */
    caseSeed: t.Integer,
    /** Cases that were tried. */
    runs: t.Integer,
    checked: Counts,
    met: Counts,
    failure: t.union([t.null, Failure]),
  },
  'Batch',
);
export type Batch = t.TypeOf<typeof Batch>;

/** Which batch it is, whatever came of it. */
export type BatchName = Pick<Batch, 'seed' | 'property' | 'index'>;

export const nameOf = ({ seed, property, index }: BatchName): string =>
  `${property}-${seed}-${index}`;

/** A number from 0 to 2^32 - 1 for a text (FNV-1a). */
const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
};

/** The seed of a batch's cases: a 32-bit number, as fast-check takes it. */
export const caseSeedOf = (name: BatchName): number => hash(nameOf(name)) | 0;

/** One of `of` machines; 1 to `of`. */
export interface Shard {
  readonly part: number;
  readonly of: number;
}

/** "2/4", or null. */
export const shardOf = (text: string): Shard | null => {
  const m = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const [part, of] = [Number(m?.[1]), Number(m?.[2])];
  return m !== null && part >= 1 && part <= of ? { part, of } : null;
};

/** Does this machine do the batch? Each batch is one machine's. */
export const takes = ({ part, of }: Shard, index: number): boolean => index % of === part - 1;

/** The batches of a shard without end: of each property in turn. */
export function* batchesOf(
  seed: number,
  properties: readonly string[],
  shard: Shard,
): Generator<BatchName> {
  for (let index = 0; ; index++)
    if (takes(shard, index)) for (const property of properties) yield { seed, property, index };
}
