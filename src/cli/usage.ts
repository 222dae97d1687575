/** What the command line accepts, and how it is explained. */

export interface CommandHelp {
  readonly name: string;
  readonly synopsis: string;
  readonly summary: string;
  readonly details: readonly string[];
  readonly options: readonly (readonly [string, string])[];
}

export const COMMANDS: readonly CommandHelp[] = [
  {
    name: 'check',
    synopsis: 'xen-lu check CAPTURE... [--from V] [--to V] [--json]',
    summary: 'would this host survive a Live Update?',
    details: [
      'Reads each CAPTURE, completes it to a host, runs a Live Update on it',
      'and verifies the result against every invariant.',
      '',
      'CAPTURE is a console log that holds the dumps of the debug keys q, g',
      'and e (as `xl debug-keys q; xl debug-keys g; xl debug-keys e; xl',
      'dmesg` gives it, or a serial log; .xz as well), or a folder with such',
      'a log; output of xl and lsevtchn beside it is used.',
    ],
    options: [
      ['--from V', "version of xen#1 (default: the capture's)"],
      ['--to V', "version of xen#2 (default: xen#1's)"],
      ['--json', 'one JSON document; an array for several captures'],
    ],
  },
  {
    name: 'import',
    synopsis: 'xen-lu import CAPTURE [--json]',
    summary: 'the host as read from a capture',
    details: ['Prints what was read, what was repaired and what was assumed.'],
    options: [['--json', 'the reading and the assumptions as JSON']],
  },
];

const EXITS = [
  'Exit status:  0 holds   1 violated   2 bad input or usage',
  '              3 refused before the point of no return',
];

export const mainHelp = (): string =>
  [
    'xen-lu - the executable design of Xen Live Update',
    '',
    'Usage:',
    ...COMMANDS.map((c) => `  ${c.synopsis}`),
    '  xen-lu COMMAND --help',
    '  xen-lu --version',
    '',
    'Commands:',
    ...COMMANDS.map((c) => `  ${c.name.padEnd(9)} ${c.summary}`),
    '',
    ...EXITS,
  ].join('\n');

export const commandHelp = (c: CommandHelp): string =>
  [
    `Usage: ${c.synopsis}`,
    '',
    ...c.details,
    '',
    'Options:',
    ...c.options.map(([o, what]) => `  ${o.padEnd(10)} ${what}`),
    `  ${'--help'.padEnd(10)} this text`,
    '',
    ...EXITS,
  ].join('\n');
