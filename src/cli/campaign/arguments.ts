/** What `xen-lu campaign` is told, or what is wrong with it. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Shard, shardOf } from '../../campaign/batch.ts';
import { flag, text, type Values } from '../command.ts';

export interface CampaignArguments {
  readonly milliseconds: number;
  readonly batches: number;
  /** null: the seed of what is there, or the default. */
  readonly seed: number | null;
  readonly shard: Shard;
  readonly resume: boolean;
  readonly out: string | null;
}

/** Where nothing is said of time: one minute. */
const DEFAULT_MINUTES = 1;
const MAX_MINUTES = 60 * 24 * 365;

const positive = (given: string, most: number): number | null => {
  const n = Number(given);
  return /^\d+(?:\.\d+)?$/.test(given) && n > 0 && n <= most ? n : null;
};

/** A whole number from -2^31 to 2^31 - 1, as fast-check takes seeds. */
export const seedOf = (given: string): number | null => {
  const n = Number(given);
  return /^-?\d{1,10}$/.test(given) && n === (n | 0) ? n : null;
};

export const campaignArguments = (values: Values): Either<string, CampaignArguments> => {
  const [minutes, batches, seed] = ['minutes', 'batches', 'seed'].map((n) => text(values, n));
  const shard = shardOf(text(values, 'shard') ?? '1/1');
  const time = minutes === undefined ? null : positive(minutes, MAX_MINUTES);
  const many = batches === undefined ? null : positive(batches, Number.MAX_SAFE_INTEGER);
  if (minutes !== undefined && time === null) return left(`--minutes ${minutes}: a number above 0`);
  if (batches !== undefined && (many === null || !Number.isInteger(many)))
    return left(`--batches ${batches}: a whole number above 0`);
  if (seed !== undefined && seedOf(seed) === null) return left(`--seed ${seed}: a 32-bit number`);
  if (shard === null) return left(`--shard ${text(values, 'shard')}: I/N, with I from 1 to N`);
  const minutesLeft = time ?? (many === null ? DEFAULT_MINUTES : Number.POSITIVE_INFINITY);
  return right({
    milliseconds: minutesLeft * 60_000,
    batches: many ?? Number.POSITIVE_INFINITY,
    seed: seed === undefined ? null : seedOf(seed),
    shard,
    resume: flag(values, 'resume'),
    out: text(values, 'out') ?? null,
  });
};
