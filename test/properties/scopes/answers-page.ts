/** `docs/scopes.md`: what each scope comes to under each answer, as searched. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answered, type Answers, OTHER_ANSWERS } from '../../../properties/scope-answers.ts';
import { wrap } from '../../../src/report/text.ts';

export const PAGE = join(import.meta.dirname, '../../../docs/scopes.md');

const list = (label: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : ['', ...wrap(`${label}: ${names.join(', ')}.`)];

const verdictText = (a: Answered): string =>
  a.breaks === undefined ? 'holds' : `breaks ${a.breaks} in ${a.steps} steps`;

/** A line of a table, exactly as the page has it. */
export const rowOf = (design: string, a: Answered): string =>
  `| ${design} | ${[a.states, a.transitions, a.depth].map((n) => n.toLocaleString('en')).join(' | ')} | ${verdictText(a)} |`;

const same = (a: Answered, b: Answered): boolean => rowOf('', a) === rowOf('', b);

/** The part of the page about one scope; searches it under every answer that is asked for. */
export const sectionOf = (answers: Answers): string => {
  const { scope, byDefault, asked } = answers;
  const found = asked.map((chosen) => [chosen.name, answers.under(chosen)] as const);
  const others = found.filter(([, a]) => !same(a, byDefault));
  const alike = found.filter(([, a]) => same(a, byDefault)).map(([name]) => name);
  const silent = OTHER_ANSWERS.filter((o) => !asked.includes(o)).map((o) => o.name);
  return [
    `## ${scope.id}`,
    '',
    ...wrap(`${scope.title}: ${scope.says}`),
    '',
    '| design | states | transitions | depth | verdict |',
    '| --- | --- | --- | --- | --- |',
    rowOf('default', byDefault),
    ...others.map(([name, a]) => rowOf(name, a)),
    ...list('As many states, and all hold', alike),
    ...list('Nobody asks', silent),
  ].join('\n');
};

/** The page with this part in the place of the one that it has, or behind all others. */
export const withSection = (page: string, id: string, section: string): string => {
  const [head = '', ...parts] = page.trimEnd().split('\n## ');
  const kept = parts.filter((part) => !part.startsWith(`${id}\n`)).map((part) => part.trimEnd());
  const all = [...kept, section.slice('## '.length)].sort();
  return `${[head.trimEnd(), ...all].join('\n\n## ')}\n`;
};

/** That part as the page has it now. */
export const writtenSection = (id: string): string => {
  const [, rest = ''] = `\n${readFileSync(PAGE, 'utf8')}`.split(`\n## ${id}\n`);
  return `## ${id}\n${(rest.split('\n## ')[0] ?? '').trimEnd()}`;
};
