/** `xen-lu campaign`: the suite on random hosts for as long as one likes, on as many machines. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Batch } from '../../campaign/batch.ts';
import { linesOf, merge, type Results, resultsOf, totalsOf } from '../../campaign/results.ts';
import {
  addBatch,
  hasResults,
  prepareFolder,
  readResults,
  traceFile,
  tracesIn,
} from '../../campaign/store.ts';
import { campaignCases, campaignText, type TraceFileOf } from '../../report/campaign-text.ts';
import { wrap } from '../../report/text.ts';
import { campaignArguments, seedOf } from '../campaign/arguments.ts';
import { runCampaign } from '../campaign/run.ts';
import {
  type Command,
  EXIT,
  type Exit,
  flag,
  type Io,
  json,
  text,
  usageError,
  type Values,
} from '../command.ts';
import { progressOn } from '../progress.ts';
import { REPORT_HELP, REPORT_OPTIONS, writeReports } from '../write-reports.ts';

const DEFAULT_SEED = 1;

const bad = (io: Io, what: string): Exit => {
  io.err(wrap(`xen-lu: ${what}`, 8).join('\n'));
  return EXIT.badInput;
};

/** Loaded only when needed: random hosts take other commands a tenth of a second. */
const loadSuite = async () => {
  const [{ SUITE }, { loadInvariants }] = await Promise.all([
    import('../../../properties/suite/index.ts'),
    import('../../../properties/registry.ts'),
  ]);
  return { suite: SUITE, invariants: (await loadInvariants()).map((i) => i.id) };
};

/** Prints and writes what was asked for, and says by the status how it went. */
const tell = async (results: Results, folder: string, values: Values, io: Io): Promise<Exit> => {
  const { invariants } = await loadSuite();
  const traceFileOf: TraceFileOf = (b: Batch) => {
    const file = traceFile(folder, b);
    return existsSync(file) ? file : null;
  };
  const totals = totalsOf(results);
  io.out(flag(values, 'json') ? json(totals) : campaignText(results, invariants, traceFileOf));
  const failed = writeReports(values, campaignCases(results, traceFileOf));
  if (failed !== null) return bad(io, failed);
  return totals.failures.length + totals.disagreements.length > 0 ? EXIT.violated : EXIT.holds;
};

/** What is there to go on with; left: what stands in the way. */
const knownIn = (folder: string, resume: boolean): Either<string, Results> => {
  if (!hasResults(folder))
    return resume
      ? left(
          `${folder} has no results to go on with: name the folder by --out, or begin without --resume`,
        )
      : right(resultsOf([]));
  if (!resume)
    return left(
      `${folder} has results already: --resume goes on with them, --out takes another folder`,
    );
  return readResults(folder);
};

const run = async (values: Values, io: Io): Promise<Exit | { readonly usage: string }> => {
  const args = campaignArguments(values);
  if (isLeft(args)) return usageError(args.left);
  const { resume, shard, milliseconds, batches } = args.right;
  const folder = args.right.out ?? join('.xen-lu', `campaign-${args.right.seed ?? DEFAULT_SEED}`);
  const known = knownIn(folder, resume);
  if (isLeft(known)) return bad(io, known.left);
  const failed = prepareFolder(folder);
  if (failed !== null) return bad(io, failed);
  const { suite } = await loadSuite();
  const progress = progressOn(io.terminal, io.clock);
  const ran = await runCampaign({
    properties: suite,
    seed: args.right.seed ?? totalsOf(known.right).seeds[0] ?? DEFAULT_SEED,
    shard,
    known: known.right,
    folder,
    milliseconds,
    batches,
    clock: io.clock,
    onProgress: progress.tell,
  });
  progress.done();
  if (ran.failed !== null) return bad(io, ran.failed);
  const status = await tell(ran.results, folder, values, io);
  if (!ran.interrupted) return status;
  io.err(`Interrupted; go on with: xen-lu campaign --resume --out ${folder}`);
  return status === EXIT.holds ? EXIT.refused : status;
};

/** Writes a merged campaign into a new folder, with the traces; null, or why not. */
const writeMerged = (folder: string, results: Results, from: readonly string[]): string | null => {
  if (hasResults(folder)) return `${folder} has results already; nothing was written`;
  const failed = prepareFolder(folder);
  if (failed !== null) return failed;
  for (const source of from)
    for (const [name, file] of tracesIn(source)) {
      mkdirSync(join(folder, 'failures'), { recursive: true });
      copyFileSync(file, join(folder, 'failures', name));
    }
  for (const line of linesOf(results)) {
    const unwritten = addBatch(folder, line);
    if (unwritten !== null) return unwritten;
  }
  return null;
};

const mergeFolders = async (
  folders: readonly string[],
  values: Values,
  io: Io,
): Promise<Exit | { readonly usage: string }> => {
  const [first] = folders;
  if (first === undefined) return usageError('campaign merge wants the folders of campaigns');
  let all = resultsOf([]);
  for (const folder of folders) {
    const read = readResults(folder);
    if (isLeft(read)) return bad(io, read.left);
    all = merge(all, read.right);
  }
  const out = text(values, 'out');
  const failed = out === undefined ? null : writeMerged(out, all, folders);
  if (failed !== null) return bad(io, failed);
  // A failure is shown from the merged folder, or from the first that has it.
  const home = folders.find((f) => tracesIn(f).size > 0) ?? first;
  return tell(all, out ?? home, values, io);
};

/** "round-trip,-123,4:0": one case again, as a failure has named it. */
const oneCase = async (given: string, io: Io): Promise<Exit | { readonly usage: string }> => {
  const [id, seedText = '', path = '', ...more] = given.split(',');
  const seed = seedOf(seedText);
  const { suite } = await loadSuite();
  const p = suite.find((one) => one.id === id);
  if (p === undefined || seed === null || !/^[\d:]+$/.test(path) || more.length > 0)
    return usageError(
      `--case PROPERTY,SEED,PATH; properties are ${suite.map((s) => s.id).join(', ')}`,
    );
  const { tryProperty, violationText } = await import('../../../properties/suite/try.ts');
  const { defaultDesign } = await import('../../design/design.ts');
  const tried = tryProperty(p, { design: defaultDesign, seed, path, runs: 1 });
  const said = tried.holds ? 'HOLDS: this case violates nothing.' : violationText(p, tried);
  io.out(
    said
      .split('\n')
      .flatMap((l) => wrap(l, 4))
      .join('\n'),
  );
  return tried.holds ? EXIT.holds : EXIT.violated;
};

export const campaign: Command = {
  details: [
    'Tries every property of the suite on random cases, batch after batch, and',
    'writes each batch to DIR when it is done. Ctrl-C ends it behind the batch',
    'under way; --resume goes on. Machines share the batches out by --shard;',
    'merge puts the results of several DIRs together, in any order, to the',
    'same report. A failure is written as a trace for xen-lu replay.',
  ],
  optionHelp: [
    ['--minutes N', 'how long; default 1, or without end for --batches'],
    ['--batches N', 'how many batches of 25 cases'],
    ['--seed S', 'other cases; default 1'],
    ['--shard I/N', 'only what falls to machine I of N'],
    ['--out DIR', 'where results go; default .xen-lu/campaign-SEED'],
    ['--resume', 'go on with the results that DIR has'],
    ['--case P,SEED,PATH', 'try one case again, as a failure names it'],
    ...REPORT_HELP,
    ['--json', 'the totals as JSON'],
  ],
  options: {
    minutes: { type: 'string' },
    batches: { type: 'string' },
    seed: { type: 'string' },
    shard: { type: 'string' },
    out: { type: 'string' },
    resume: { type: 'boolean' },
    case: { type: 'string' },
    ...REPORT_OPTIONS,
    json: { type: 'boolean' },
  },
  run: async (values, [action, ...folders], io) => {
    if (action === 'merge') return mergeFolders(folders, values, io);
    if (action !== undefined) return usageError(`campaign knows "merge", not "${action}"`);
    const one = text(values, 'case');
    return one === undefined ? run(values, io) : oneCase(one, io);
  },
};
