/** Tries a property on random cases: what tests and campaigns share. */
import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { Design } from '../../src/design/design.ts';
import type { UpdateMachine } from '../mutant.ts';
import {
  addEvidence,
  type Evidence,
  NOTHING_MET,
  type Property,
  type Violation,
} from './property.ts';

export interface TryOptions {
  readonly design: Design;
  /** Same seed, same cases. */
  readonly seed: number;
  /** Default: as many as the property wants in `npm test`. */
  readonly runs?: number;
  /** Goes straight to one case of a seed, as a failure before has named it. */
  readonly path?: string;
  /** The first case that fails will do: it is not made smaller. */
  readonly endOnFailure?: boolean;
  /** A mutant's machine in the place of the update's. */
  readonly machine?: UpdateMachine;
}

export type Tried =
  | { readonly holds: true; readonly runs: number; readonly evidence: Evidence }
  | {
      readonly holds: false;
      /** Cases tried before the first that failed, and smaller ones that failed after it. */
      readonly runs: number;
      readonly shrinks: number;
      readonly seed: number;
      readonly path: string;
      /** The smallest case found, and what is wrong with it. */
      readonly value: unknown;
      readonly described: readonly string[];
      readonly violation: Violation;
    };

/**
 * Tries random cases until one violates the property, and makes that one
 * smaller. An exception of the model is a violation as well: no input may
 * make it throw.
 */
export const tryProperty = (p: Property, options: TryOptions): Tried => {
  const { design, seed, runs = p.runs, endOnFailure = false, machine } = options;
  const path = p.shrinksByRunning === true ? options.path?.split(':')[0] : options.path;
  let evidence = NOTHING_MET;
  let violation: Violation | null = null;
  const details = fc.check(
    fc.property(p.arbitrary, (value) => {
      const verdict = checked(p, value, design, machine);
      if (isLeft(verdict)) violation = verdict.left;
      else evidence = addEvidence(evidence, verdict.right);
      return !isLeft(verdict);
    }),
    { seed, numRuns: runs, endOnFailure, ...(path === undefined ? {} : { path }) },
  );
  if (!details.failed || details.counterexample === null || violation === null)
    return { holds: true, runs: details.numRuns, evidence };
  const [value] = details.counterexample;
  const last = checked(p, value, design, machine);
  return {
    holds: false,
    runs: details.numRuns,
    shrinks: details.numShrinks,
    seed: details.seed,
    path: details.counterexamplePath ?? '',
    value,
    described: p.describe(value),
    violation: isLeft(last) ? last.left : violation,
  };
};

const checked = (
  p: Property,
  value: unknown,
  design: Design,
  machine: UpdateMachine | undefined,
): ReturnType<Property['check']> => {
  try {
    return p.check(value, design, machine);
  } catch (error) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { _tag: 'Left', left: { invariants: ['PNR-2'], what: [what], trace: null } };
  }
};

/** Lines of what is wrong that a mail has room for; the trace file's replay has all. */
const MAX_LINES = 10;

/** A violation in lines of at most 75 columns or so: the case, what is wrong, how to get there. */
export const violationText = (p: Property, t: Extract<Tried, { holds: false }>): string => {
  const more = t.violation.what.length - MAX_LINES;
  return [
    `${p.id}: ${p.title}`,
    `VIOLATED: ${t.violation.invariants.join(', ')}`,
    ...t.violation.what.slice(0, MAX_LINES).map((w) => `  - ${w}`),
    ...(more > 0 ? [`  and ${more} more like these`] : []),
    'in this case:',
    ...t.described.map((line) => `  ${line}`),
    `seed ${t.seed}, path ${t.path}, after ${t.runs} cases and ${t.shrinks} shrinks`,
  ].join('\n');
};
