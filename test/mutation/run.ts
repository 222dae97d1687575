/**
 * `npm run mutation`: Stryker on everything, or on a sample (`sample.ts`).
 * The code of all mutants at once is several times slower than the code that
 * is tested. So for a sample they are listed first, and only the places where
 * one of the sample lies are mutated.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Candidate, inSample, isAll, type Sample, sampleAsked } from './sample.ts';

interface Instrumenter {
  instrument(files: readonly object[], options: object): Promise<{ mutants: Candidate[] }>;
}
/** Not among the locked packages: `npm run mutation` brings it. */
const INSTRUMENTER: string = '@stryker-mutator/instrumenter';

const quiet = { debug: () => undefined, info: () => undefined, isDebugEnabled: () => false };

/** All mutants of the files, in Stryker's order. */
const mutantsOf = async (paths: readonly string[]): Promise<readonly Candidate[]> => {
  const module = (await import(INSTRUMENTER)) as {
    Instrumenter: new (log: object, parser: undefined, print: () => string) => Instrumenter;
  };
  const files = paths.map((path) => ({
    name: resolve(path),
    mutate: true,
    content: readFileSync(path, 'utf8'),
  }));
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  return (await new module.Instrumenter(quiet, undefined, () => '').instrument(files, options))
    .mutants;
};

/** The files that `mutate` of the configuration, or of the command, names. */
const filesOf = (patterns: readonly string[]): readonly string[] => {
  const not = patterns.filter((p) => p.startsWith('!')).map((p) => p.slice(1));
  const left = new Set(not.flatMap((p) => globSync(p)));
  return patterns
    .filter((p) => !p.startsWith('!'))
    .flatMap((p) => globSync(p).sort())
    .filter((path) => !left.has(path));
};

/** Stryker's words for the place of a mutant: lines from 1, columns from 0. */
const rangeOf = ({ fileName, location: { start, end } }: Candidate): string =>
  `${fileName.slice(process.cwd().length + 1)}:` +
  `${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;

const sampleArguments = async (args: readonly string[], sample: Sample): Promise<string[]> => {
  const at = args.indexOf('--mutate');
  const config = JSON.parse(readFileSync('stryker.config.json', 'utf8')) as { mutate: string[] };
  const patterns = at < 0 ? config.mutate : (args[at + 1] ?? '').split(',');
  const all = await mutantsOf(filesOf(patterns));
  const chosen = all.filter((m) => inSample(m, sample));
  process.stdout.write(`${chosen.length} of ${all.length} mutants are in the sample\n`);
  const name = `sample-${sample.seed}-${sample.from}-${sample.part}`;
  return [
    ...(at < 0 ? args : args.toSpliced(at, 2)),
    ...['--mutate', chosen.map(rangeOf).join(',')],
    // What another sample left out must not be taken for tried.
    ...['--incrementalFile', `.xen-lu/${name}.json`],
  ];
};

const args = process.argv.slice(2);
const sample = sampleAsked();
const all = isAll(sample) ? args : await sampleArguments(args, sample);
const { status } = spawnSync('stryker', ['run', ...all], { stdio: 'inherit' });
process.exitCode = status ?? 1;
