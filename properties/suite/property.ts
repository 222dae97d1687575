/**
 * What a property of the suite is: random cases, and a check of one of them
 * under a design. `npm test` runs each a few times with a fixed seed, a
 * campaign runs them for hours with others; both see the same cases for the
 * same seed.
 */
import type { Arbitrary } from 'fast-check';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Design } from '../../src/design/design.ts';
import type { Trace } from '../../src/trace/trace-file.ts';
import type { UpdateMachine } from '../mutant.ts';

/** A case in which the property does not hold. */
export interface Violation {
  /** The invariants that are broken; 'PNR-2' for a crash of xen#2. */
  readonly invariants: readonly string[];
  /** What is wrong and where, a line each. */
  readonly what: readonly string[];
  /** A run that shows it, to be written to a file; null: it is no single run. */
  readonly trace: Trace | null;
}

/** What a case that holds has shown. */
export interface Evidence {
  /** Over how many objects each invariant was evaluated, by its id. */
  readonly checked: Readonly<Record<string, number>>;
  /** What was met, by name: 'record GRANT_TABLE', 'lu.cancel in saving', 'refused'. */
  readonly met: Readonly<Record<string, number>>;
}

export const NOTHING_MET: Evidence = { checked: {}, met: {} };

const add = (
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> => {
  const sum: Record<string, number> = { ...a };
  for (const [key, n] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + n;
  return sum;
};

/** The evidence of two cases, or of two machines: any order gives the same. */
export const addEvidence = (a: Evidence, b: Evidence): Evidence => ({
  checked: add(a.checked, b.checked),
  met: add(a.met, b.met),
});

interface Typed<T> {
  readonly id: string;
  /** One line, at most 60 characters. */
  readonly title: string;
  readonly says: string;
  readonly sources: readonly string[];
  /** Cases that `npm test` tries. */
  readonly runs: number;
  /**
   * Its cases get smaller only by being run (commands that did not run are left
   * out): the way down from a case is found by going it, not by a path.
   */
  readonly shrinksByRunning?: boolean;
  readonly arbitrary: Arbitrary<T>;
  /** The case in words, a line each, at most 75 columns. */
  readonly describe: (value: T) => readonly string[];
  /** `machine`: a mutant's, in the place of the update's; a property of no update has none. */
  readonly check: (
    value: T,
    design: Design,
    machine?: UpdateMachine,
  ) => Either<Violation, Evidence>;
}

/** A property whose cases only it can read. */
export type Property = Typed<unknown>;

/** A property as its file defines it: the compiler checks that its parts fit together. */
export const property = <T>(p: Typed<T>): Property => p as unknown as Property;
