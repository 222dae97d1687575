/** What was reached of the machines, as the page in `docs/` has it. */
import type { MachineCoverage } from '../../../src/world/coverage.ts';

const reached = (r: MachineCoverage, what: string, of: number): string =>
  `${of - r.dark.filter((d) => d.startsWith(what)).length} of ${of}`;

/** A guard has two outcomes. */
const row = (r: MachineCoverage): string =>
  `| ${r.machine} | ${reached(r, 'state', r.states)} | ` +
  `${reached(r, 'transition', r.transitions)} | ${reached(r, 'guard', 2 * r.guards)} |`;

const darkOf = (r: MachineCoverage): string[] =>
  r.dark.length === 0 ? [] : ['', `### ${r.machine}`, '', ...r.dark.map((d) => `- \`${d}\``)];

export const coverageText = (report: readonly MachineCoverage[]): string =>
  [
    '# What the tests reach of the machines',
    '',
    'Made by `XEN_LU_WRITE=1 npx vitest run test/machines/coverage.test.ts`,',
    'which fails when this page is not the one of today: a state, transition',
    'or outcome that is reached no longer, or is new and not reached, changes',
    'it. Every state that these runs reach is held against its host (AGR-1).',
    '',
    '| machine | states | transitions | outcomes of guards |',
    '| --- | --- | --- | --- |',
    ...report.map(row),
    '',
    '## Not reached',
    '',
    'Each is `state`, `transition` or `guard`, then the state, the event and',
    'the place among the transitions of that event, and the guard by name.',
    ...report.flatMap(darkOf),
    '',
  ].join('\n');
