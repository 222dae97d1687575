/**
 * A checker for Stryker that lets through a random part of the mutants: with
 * thousands of them and seconds for each, a sample says what the score is
 * within known bounds. XEN_LU_SAMPLE is the part in per mille (default 1000:
 * all), XEN_LU_SEED chooses another part. The others are reported as errors
 * and count for nothing. Whether a mutant is in depends on what and where it
 * is alone, so a second run tries the same ones.
 */
import { relative } from 'node:path';

/** What Stryker tells a checker of a mutant; lines and columns from 0. */
export interface Candidate {
  readonly id: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

const MILLE = 1000;

/** FNV-1a over UTF-16 units, mixed once more (its low bits alone are poor). */
const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** Is the mutant in the sample of `mille` in a thousand? `root` is where paths begin. */
export const inSample = (m: Candidate, mille: number, seed: number, root: string): boolean => {
  // Each run works on its own copy of the sources, in a folder of a random name.
  const path = relative(root, m.fileName).replace(/^.*?(?=src\/)/, '');
  const { line, column } = m.location.start;
  return hash([seed, path, line, column, m.mutatorName, m.replacement].join('|')) % MILLE < mille;
};

const number = (name: string, otherwise: number): number => {
  const n = Number(process.env[name] ?? '');
  return Number.isSafeInteger(n) && n > 0 ? n : otherwise;
};

type CheckResult = { readonly status: 'passed' | 'compileError'; readonly reason?: string };

class SampleChecker {
  async init(): Promise<void> {}

  async check(mutants: readonly Candidate[]): Promise<Record<string, CheckResult>> {
    const [mille, seed] = [number('XEN_LU_SAMPLE', MILLE), number('XEN_LU_SEED', 1)];
    return Object.fromEntries(
      mutants.map((m): [string, CheckResult] => [
        m.id,
        inSample(m, mille, seed, process.cwd())
          ? { status: 'passed' }
          : { status: 'compileError', reason: 'not in the sample' },
      ]),
    );
  }

  /** In lumps: asking for each alone would take longer than the answer. */
  group(mutants: readonly Candidate[]): string[][] {
    const ids = mutants.map((m) => m.id);
    const groups: string[][] = [];
    for (let i = 0; i < ids.length; i += MILLE) groups.push(ids.slice(i, i + MILLE));
    return groups;
  }
}

/** What Stryker looks for in a plugin. */
export const strykerPlugins = [
  { kind: 'Checker', name: 'sample', factory: () => new SampleChecker() },
];
