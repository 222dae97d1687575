/** What was reached of the machines, as the page in `docs/` has it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { MachineCoverage } from '../../../src/world/coverage.ts';

const PAGE = join(import.meta.dirname, '../../../docs/machines.md');

const reached = (r: MachineCoverage, what: string, of: number): string =>
  `${of - r.dark.filter((d) => d.startsWith(what)).length} of ${of}`;

/** A guard has two outcomes. */
const row = (r: MachineCoverage): string =>
  `| ${r.machine} | ${reached(r, 'state', r.states)} | ` +
  `${reached(r, 'transition', r.transitions)} | ${reached(r, 'guard', 2 * r.guards)} |`;

const darkOf = (r: MachineCoverage): string[] =>
  r.dark.length === 0
    ? []
    : ['', `Not reached of ${r.machine}:`, '', ...r.dark.map((d) => `- \`${d}\``)];

const coverageText = (report: readonly MachineCoverage[]): string =>
  [
    '| machine | states | transitions | outcomes of guards |',
    '| --- | --- | --- | --- |',
    ...report.map(row),
    ...report.flatMap(darkOf),
  ].join('\n');

/** Holds a part of the page against the report, or with XEN_LU_WRITE=1 writes it anew. */
export const expectPage = (part: 'runs' | 'lives', report: readonly MachineCoverage[]): void => {
  const [begin, end] = [`<!-- ${part} -->\n`, `<!-- /${part} -->\n`] as const;
  const page = readFileSync(PAGE, 'utf8');
  // Without its marks there is no place to write to.
  expect([page.split(begin).length, page.split(end).length]).toEqual([2, 2]);
  const [before, rest = ''] = page.split(begin);
  const made = `${before}${begin}\n${coverageText(report)}\n\n${end}${rest.split(end)[1]}`;
  if (process.env['XEN_LU_WRITE'] === '1') writeFileSync(PAGE, made);
  expect(readFileSync(PAGE, 'utf8')).toBe(made);
};
