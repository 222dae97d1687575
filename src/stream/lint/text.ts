/** A lint report for people: at most 75 columns. */
import { hex } from '../framing/errors.ts';
import type { PlacedFinding } from './finding.ts';
import type { LintEntry, LintReport } from './report.ts';

/** Columns of a line, as in mail to xen-devel. */
const COLUMNS = 75;

/** What to do about a file that is no stream. */
const WANTED = 'Wanted is what xl save wrote, or a Live Update stream (see xen-lu vectors).';

/**
 * The report as text: every record with its offset, bytes of body and
 * meaning, then what is wrong, errors first. Ends with a newline.
 */
export const lintText = (report: LintReport): string => {
  const lines = [
    `${report.format} stream, ${report.bytes} bytes read`,
    '',
    `${'offset'.padStart(12)} ${'length'.padStart(12)}  record`,
    ...report.entries.flatMap(entryLines),
    ...leftOut(report.entriesLeftOut, 'records'),
    '',
    ...report.findings.toSorted(bySeverity).flatMap(findingLines),
    ...leftOut(report.findingsLeftOut, 'findings'),
    summary(report),
    ...(report.format === 'unknown' ? [WANTED] : []),
  ];
  return `${lines.join('\n')}\n`;
};

const entryLines = (entry: LintEntry): readonly string[] => {
  const length = entry.kind === 'header' ? '' : String(entry.length);
  const many = entry.count === 1 ? '' : `, ${entry.count} in a row`;
  const head = `${hex(entry.offset, 8).padStart(12)} ${length.padStart(12)}  `;
  return [
    ...folded(`${head}${entry.layer} ${entry.name}${many}`, 29),
    ...entry.notes.flatMap((note) => folded(`${' '.repeat(29)}${note}`, 29)),
  ];
};

const RANK = { error: 0, warning: 1, note: 2 } as const;

const bySeverity = (a: PlacedFinding, b: PlacedFinding): number =>
  RANK[a.severity] - RANK[b.severity] || a.offset - b.offset;

const findingLines = (finding: PlacedFinding): readonly string[] => [
  `${finding.severity} at ${hex(finding.offset, 8)}: ${finding.layer} ${finding.record} (${finding.rule})`,
  ...folded(`  ${finding.message}`, 4),
];

const leftOut = (number: number, what: string): readonly string[] =>
  number === 0 ? [] : [`  (${number} more ${what} left out)`];

const summary = ({ end, errors, warnings, notes }: LintReport): string => {
  const through = end === 'complete' ? 'read to its end' : 'NOT read to its end';
  const counts = [count(errors, 'error'), count(warnings, 'warning'), count(notes, 'note')];
  return `${through}: ${counts.join(', ')}`;
};

const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;

/** Breaks a line at spaces; what follows is indented; a long word is cut. */
const folded = (line: string, indent: number): readonly string[] => {
  if (line.length <= COLUMNS) return [line];
  const space = line.lastIndexOf(' ', COLUMNS);
  const at = space > indent ? space : COLUMNS;
  const rest = line.slice(at).trimStart();
  return [line.slice(0, at), ...folded(`${' '.repeat(indent)}${rest}`, indent)];
};
