/** `xen-lu museum`: real bugs and dropped rules, and which invariant notices each. */
import { join } from 'node:path';
import { loadMutants } from '../../../properties/mutant.ts';
import { loadInvariants } from '../../../properties/registry.ts';
import { loadScenarios } from '../../../properties/scenario.ts';
import { randomKill } from '../../campaign/random-kill.ts';
import type { ReportCase } from '../../report/results.ts';
import { type Exhibit, exhibit, mutantIds, underTest, withRandom } from '../../search/museum.ts';
import { seedOf } from '../campaign/arguments.ts';
import { type Command, EXIT, flag, json, text, usageError } from '../command.ts';
import { lines, traceText } from '../design-arguments.ts';
import { progressOn } from '../progress.ts';
import { writeTrace } from '../read-trace.ts';
import { REPORT_HELP, REPORT_OPTIONS, writeReports } from '../write-reports.ts';

const verdictText = (e: Exhibit): string =>
  e.killedBy.length === 0
    ? `LIVES: nothing breaks in ${e.states} states`
    : `killed by ${e.killedBy.join(', ')}; ${e.trace.length} steps, scope "${e.scope}"`;

const randomText = ({ random }: Exhibit): string =>
  random === null
    ? 'no random case within the budget kills it'
    : `random: seed ${random.seed}, ${random.property}, case ${random.cases}: ` +
      random.killedBy.join(', ');

const exhibitText = (e: Exhibit, whole: boolean): string[] => [
  ...lines([`${e.id}  ${e.title}`], 6),
  ...lines([`      ${e.source}`, `      ${verdictText(e)}`, `      ${randomText(e)}`], 8),
  ...lines(e.missed.length === 0 ? [] : [`      not noticed by ${e.missed.join(', ')}`], 8),
  ...(whole ? lines(e.beyond === undefined ? [] : [`      Not here: ${e.beyond}`], 8) : []),
  ...(whole
    ? lines(
        e.offenders.slice(0, 5).map((o) => `      ${o}`),
        8,
      )
    : []),
  ...(whole ? traceText(e.trace) : []),
];

const summaryText = (all: readonly Exhibit[]): string => {
  const alive = all.filter((e) => e.killedBy.length === 0);
  const bugs = all.filter((e) => e.kind === 'bug').length;
  const lives = alive.length === 0 ? 'none lives' : `${alive.map((e) => e.id).join(', ')} live`;
  const random = all.filter((e) => e.random !== null).length;
  const also = `${random} are killed by a random case as well`;
  return `${bugs} real bugs, ${all.length - bugs} dropped rules; ${lives}; ${also}.`;
};

/** "without R12'" as the name of a file. */
const fileName = (id: string): string => `${id.replace(/'/g, 'x').replace(/[^\w.-]+/g, '-')}.json`;

/** A mutant that lives is a failure. */
const caseOf = (e: Exhibit): ReportCase => {
  const { id, title, kind, source } = e;
  const base = { suite: 'museum', id, title };
  if (e.killedBy.length > 0 && e.missed.length === 0) return base;
  const missed = e.missed.length > 0 ? `not noticed by ${e.missed.join(', ')}` : 'lives';
  const file = kind === 'rule' ? 'src/design/rules.ts' : 'properties/mutant.ts';
  return { ...base, failure: { message: missed, text: `${source}\n${verdictText(e)}`, file } };
};

/** Writes the traces into new files of a folder; null, or why not. */
const writeTraces = (folder: string | undefined, all: readonly Exhibit[]): string | null => {
  if (folder === undefined) return null;
  for (const { id, replay } of all) {
    const failed = replay === null ? null : writeTrace(join(folder, fileName(id)), replay);
    if (failed !== null) return failed;
  }
  return null;
};

export const museum: Command = {
  details: [
    'Puts real bugs of live updates (properties/mutants) into the model, one',
    'by one, then drops each rule of the design. Prints for each which',
    'invariants notice, and with an ID the shortest trace. An ID is that of',
    'a bug ("B23"), or "without RULE". No mutant may live. Each is tried on',
    'some random cases, too: their seed is told where one of them kills it.',
  ],
  optionHelp: [
    ['--seed S', 'of the random cases; default 1'],
    ['--out DIR', 'write each trace to a file of its own, for xen-lu replay'],
    ...REPORT_HELP,
    ['--json', 'the results as JSON: id, source, killedBy, trace, seed'],
  ],
  options: {
    json: { type: 'boolean' },
    out: { type: 'string' },
    seed: { type: 'string' },
    ...REPORT_OPTIONS,
  },
  run: async (values, ids, io) => {
    const [mutants, scenarios, invariants] = await Promise.all([
      loadMutants(),
      loadScenarios(),
      loadInvariants(),
    ]);
    const known = mutantIds(mutants);
    const unknown = ids.find((id) => !known.includes(id));
    if (unknown !== undefined)
      return usageError(`no mutant "${unknown}"; xen-lu museum lists them all`);
    const seed = seedOf(text(values, 'seed') ?? '1');
    if (seed === null) return usageError('--seed wants a whole number');
    const progress = progressOn(io.terminal, io.clock);
    const asked = ids.length === 0 ? known : ids;
    const all = asked.flatMap((id, i) => {
      progress.tell(`${i + 1} of ${asked.length}: ${id}`);
      const shown = exhibit(id, { mutants, scenarios, invariants });
      const { design, machine } = underTest(id, mutants);
      return shown === null ? [] : withRandom(shown, randomKill(design, seed, machine));
    });
    progress.done();
    const printed = [
      ...all.flatMap((e) => exhibitText(e, ids.length > 0)),
      ...lines([summaryText(all)]),
    ];
    const failed = writeTraces(text(values, 'out'), all);
    if (failed !== null) {
      io.err(lines([`xen-lu: ${failed}`], 8).join('\n'));
      return EXIT.badInput;
    }
    const unwritten = writeReports(values, all.map(caseOf));
    if (unwritten !== null) {
      io.err(lines([`xen-lu: ${unwritten}`], 8).join('\n'));
      return EXIT.badInput;
    }
    io.out(
      flag(values, 'json') ? json(all.map(({ replay: _, ...facts }) => facts)) : printed.join('\n'),
    );
    const holds = all.every((e) => e.killedBy.length > 0 && e.missed.length === 0);
    return holds ? EXIT.holds : EXIT.violated;
  },
};
