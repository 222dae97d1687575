/**
 * A checker for Stryker that lets through the mutants of the sample, in random
 * order: what a run has done when it is cut off is a sample as well. The
 * others are reported as errors and count for nothing.
 */
import { type Candidate, inSample, placeOf, sampleAsked } from './sample.ts';

/** Mutants that are asked for together; Stryker tries these by their number. */
const LUMP = 20;

type CheckResult = { readonly status: 'passed' | 'compileError'; readonly reason?: string };

class SampleChecker {
  async init(): Promise<void> {}

  async check(mutants: readonly Candidate[]): Promise<Record<string, CheckResult>> {
    const sample = sampleAsked();
    return Object.fromEntries(
      mutants.map((m): [string, CheckResult] => [
        m.id,
        inSample(m, sample)
          ? { status: 'passed' }
          : { status: 'compileError', reason: 'not in the sample' },
      ]),
    );
  }

  group(mutants: readonly Candidate[]): string[][] {
    const { seed } = sampleAsked();
    const ids = mutants
      .map((m): [number, string] => [placeOf(m, seed), m.id])
      .sort(([a], [b]) => a - b)
      .map(([, id]) => id);
    const groups: string[][] = [];
    for (let i = 0; i < ids.length; i += LUMP) groups.push(ids.slice(i, i + LUMP));
    return groups;
  }
}

/** What Stryker looks for in a plugin. */
export const strykerPlugins = [
  { kind: 'Checker', name: 'sample', factory: () => new SampleChecker() },
];
