/** The help texts, made from what the commands say of themselves. */
import type { Command, CommandEntry } from './command.ts';

const EXITS = [
  'Exit status:  0 holds   1 violated   2 bad input or usage',
  '              3 refused before the point of no return',
];

export const mainHelp = (commands: readonly CommandEntry[]): string =>
  [
    'xen-lu - the executable design of Xen Live Update',
    '',
    'Usage:',
    ...commands.map((c) => `  ${c.synopsis}`),
    '  xen-lu COMMAND --help',
    '  xen-lu --version',
    '',
    'Commands:',
    ...commands.map((c) => `  ${c.name.padEnd(9)} ${c.summary}`),
    '',
    ...EXITS,
  ].join('\n');

export const commandHelp = (entry: CommandEntry, c: Command): string => {
  const help = [...c.optionHelp, ['--help', 'this text'] as const];
  const width = Math.max(10, ...help.map(([o]) => o.length));
  return [
    `Usage: ${entry.synopsis}`,
    '',
    ...c.details,
    '',
    'Options:',
    ...help.map(([o, what]) => `  ${o.padEnd(width)} ${what}`),
    '',
    ...EXITS,
  ].join('\n');
};
