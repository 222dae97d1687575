/**
 * What a campaign has so far: a set of batches. Sets are put together by
 * union, so the order in which machines report does not matter, nor that one
 * reports twice. Two results of one batch that differ are both kept, and
 * told: then the machines did not run the same program.
 */
import { type Batch, nameOf } from './batch.ts';

/** By their text, so that equal batches are one. */
export type Results = ReadonlyMap<string, Batch>;

const sorted = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A batch as one line; equal batches have equal lines. */
export const lineOf = (b: Batch): string =>
  JSON.stringify({
    seed: b.seed,
    property: b.property,
    index: b.index,
    caseSeed: b.caseSeed,
    runs: b.runs,
    checked: sorted(b.checked),
    met: sorted(b.met),
    failure: b.failure,
  });

export const resultsOf = (batches: Iterable<Batch>): Results =>
  new Map([...batches].map((b) => [lineOf(b), b]));

/** Commutative, associative, and nothing changes if it is done twice. */
export const merge = (a: Results, b: Results): Results => new Map([...a, ...b]);

/** All lines, in an order of their own. */
export const linesOf = (results: Results): readonly string[] => [...results.keys()].sort();

/** What one property has come to. */
export interface PropertyTotal {
  readonly property: string;
  readonly batches: number;
  readonly runs: number;
  readonly violated: number;
  /** What was met, by name, and how often. */
  readonly met: Readonly<Record<string, number>>;
}

export interface Totals {
  readonly seeds: readonly number[];
  readonly properties: readonly PropertyTotal[];
  /** Over how many objects each invariant was evaluated. */
  readonly checked: Readonly<Record<string, number>>;
  /** Batches in which a property was violated, in the order of their names. */
  readonly failures: readonly Batch[];
  /** Batches of which there are two results that differ. */
  readonly disagreements: readonly string[];
}

const sum = (all: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const total: Record<string, number> = {};
  for (const one of all)
    for (const [key, n] of Object.entries(one)) total[key] = (total[key] ?? 0) + n;
  return sorted(total);
};

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];

/** The totals: the same for the same set, in whatever order it was put together. */
export const totalsOf = (results: Results): Totals => {
  const batches = linesOf(results).map((line) => results.get(line) as Batch);
  const names = batches.map(nameOf);
  const ofProperty = (property: string): PropertyTotal => {
    const own = batches.filter((b) => b.property === property);
    return {
      property,
      batches: own.length,
      runs: own.reduce((n, b) => n + b.runs, 0),
      violated: own.filter((b) => b.failure !== null).length,
      met: sum(own.map((b) => b.met)),
    };
  };
  return {
    seeds: unique(batches.map((b) => b.seed)).sort((a, b) => a - b),
    properties: unique(batches.map((b) => b.property))
      .sort()
      .map(ofProperty),
    checked: sum(batches.map((b) => b.checked)),
    failures: batches.filter((b) => b.failure !== null),
    disagreements: unique(names.filter((name, i) => names.indexOf(name) !== i)),
  };
};
