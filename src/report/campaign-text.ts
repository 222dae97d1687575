/** What a campaign has come to, in words, as cases of a test suite, and as plain data. */
import { type Batch, nameOf } from '../campaign/batch.ts';
import { type Results, type Totals, totalsOf } from '../campaign/results.ts';
import type { ReportCase } from './results.ts';
import { counted, grouped, labelled, wrap } from './text.ts';

/** Failures that are spelled out; the others are named. */
const MAX_FAILURES = 5;
/** Lines of what is wrong in one case. */
const MAX_LINES = 6;

/** Where the trace of a failure is; null: there is none. */
export type TraceFileOf = (batch: Batch) => string | null;

const row = (cells: readonly (string | number)[]): string =>
  cells
    .map((c, i) => (i === 0 ? String(c).padEnd(28) : String(c).padStart(11)))
    .join(' ')
    .trimEnd();

/** Kinds of what was met that are listed, the most frequent first; --json has all. */
const MAX_MET = 4;

/** "2 kinds, 120 times: resumed 100, refused 20". */
const metText = (met: Readonly<Record<string, number>>): string => {
  const all = Object.entries(met).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const times = all.reduce((sum, [, n]) => sum + n, 0);
  const shown = all.slice(0, MAX_MET).map(([name, n]) => `${name} ${grouped(n)}`);
  const more = all.length > MAX_MET ? [`${all.length - MAX_MET} more kinds`] : [];
  const kinds = `${counted(all.length, 'kind')}, ${counted(times, 'time')}`;
  return `${kinds}: ${[...shown, ...more].join(', ') || 'nothing'}`;
};

const tableText = ({ properties }: Totals): string[] => [
  row(['Property', 'batches', 'cases', 'violated']),
  ...properties.map((p) => row([p.property, grouped(p.batches), grouped(p.runs), p.violated])),
  '',
  'Met',
  ...properties.flatMap((p) => labelled(`  ${p.property}`, metText(p.met), 28)),
];

/** How to see one failure again. */
export const replayCommand = (batch: Batch, traceFileOf: TraceFileOf): string => {
  const file = traceFileOf(batch);
  const path = batch.failure?.path ?? '';
  return file === null
    ? `xen-lu campaign --case ${batch.property},${batch.caseSeed},${path}`
    : `xen-lu replay ${file}`;
};

/** One failure: what is wrong, in which case, and how to see it again. */
const failureLines = (batch: Batch, traceFileOf: TraceFileOf): string[] => {
  const { failure } = batch;
  if (failure === null) return [];
  const cut = (lines: readonly string[]): string[] => [
    ...lines.slice(0, MAX_LINES).flatMap((l) => wrap(`  ${l}`, 6)),
    ...(lines.length > MAX_LINES ? [`  and ${lines.length - MAX_LINES} more`] : []),
  ];
  return [
    '',
    ...wrap(`${batch.property}: ${failure.invariants.join(', ')}`, 4),
    ...cut(failure.what.map((w) => `- ${w}`)),
    '  in this case:',
    ...failure.described.flatMap((l) => wrap(`    ${l}`, 8)),
    ...wrap(`  seed ${batch.caseSeed}, path ${failure.path}; to see it again:`, 4),
    `    ${replayCommand(batch, traceFileOf)}`,
  ];
};

const verdictText = (t: Totals): string => {
  const cases = t.properties.reduce((n, p) => n + p.runs, 0);
  const batches = t.properties.reduce((n, p) => n + p.batches, 0);
  const of = `${counted(cases, 'case')} of ${counted(batches, 'batch', 'batches')}`;
  if (t.failures.length > 0)
    return `VIOLATED in ${counted(t.failures.length, 'batch', 'batches')}; ${of}.`;
  return cases === 0 ? 'Nothing was tried.' : `HOLDS: no property is violated in ${of}.`;
};

/** The report; `invariants` are the ids that there are. The same set gives the same text. */
export const campaignText = (
  results: Results,
  invariants: readonly string[],
  traceFileOf: TraceFileOf,
): string => {
  const t = totalsOf(results);
  const never = invariants.filter((id) => (t.checked[id] ?? 0) === 0);
  const objects = Object.values(t.checked).reduce((n, c) => n + c, 0);
  const looked = `${counted(objects, 'object')} by ${invariants.length - never.length} of ${counted(invariants.length, 'invariant')}`;
  return [
    ...labelled('Campaign', `seed ${t.seeds.join(', ')}`),
    '',
    ...tableText(t),
    '',
    ...labelled(
      'Looked at',
      `${looked}${never.length === 0 ? '' : `; never by ${never.join(', ')}`}`,
    ),
    ...t.failures.slice(0, MAX_FAILURES).flatMap((b) => failureLines(b, traceFileOf)),
    ...(t.failures.length > MAX_FAILURES
      ? wrap(`and in ${t.failures.slice(MAX_FAILURES).map(nameOf).join(', ')}`, 4)
      : []),
    ...t.disagreements.flatMap((name) =>
      wrap(`DISAGREE: ${name} has two results: not the same program made them`, 4),
    ),
    '',
    ...wrap(verdictText(t), 4),
  ].join('\n');
};

/** One case a property, and one for each batch that failed. */
export const campaignCases = (results: Results, traceFileOf: TraceFileOf): ReportCase[] => {
  const t = totalsOf(results);
  const suite = 'campaign';
  const held = t.properties
    .filter((p) => p.violated === 0)
    .map((p) => ({ suite, id: p.property, title: counted(p.runs, 'case') }));
  const failed = t.failures.map((b): ReportCase => {
    const message = `${b.property}: ${b.failure?.invariants.join(', ')}`;
    const text = failureLines(b, traceFileOf).slice(1).join('\n');
    const file = traceFileOf(b) ?? 'properties/suite/index.ts';
    return { suite, id: nameOf(b), title: b.property, failure: { message, text, file } };
  });
  return [...held, ...failed];
};
