#!/usr/bin/env node
/** Entry point of `xen-lu`: arguments in, exit status out. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wrap } from '../report/text.ts';
import { EXIT, type Exit, type Io, runCheck, runImport } from './commands.ts';
import { COMMANDS, commandHelp, mainHelp } from './usage.ts';

const io: Io = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  terminal: process.stderr,
  clock: () => performance.now(),
};

const usage = (what: string): Exit => {
  io.err([...wrap(`xen-lu: ${what}`, 8), 'Try: xen-lu --help'].join('\n'));
  return EXIT.badInput;
};

/** dist/src/cli/main.js lies three folders below package.json. */
const packageVersion = (): string => {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
};

const options = {
  help: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  from: { type: 'string' },
  to: { type: 'string' },
} as const;

const command = async (name: string, args: readonly string[]): Promise<Exit> => {
  const help = COMMANDS.find((c) => c.name === name);
  if (help === undefined) return usage(`no command "${name}"`);
  const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  const { values, positionals } = parsed;
  if (values.help) {
    io.out(commandHelp(help));
    return EXIT.holds;
  }
  if (name === 'check')
    return positionals.length === 0
      ? usage('check wants at least one capture')
      : runCheck(
          { captures: positionals, from: values.from, to: values.to, json: values.json },
          io,
        );
  if (values.from !== undefined || values.to !== undefined)
    return usage('import takes no --from and no --to');
  const [capture, ...more] = positionals;
  return capture === undefined || more.length > 0
    ? usage('import wants one capture')
    : runImport({ capture, json: values.json }, io);
};

const main = async (argv: readonly string[]): Promise<Exit> => {
  const [name, ...rest] = argv;
  if (name === undefined) {
    io.err(mainHelp());
    return EXIT.badInput;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    io.out(mainHelp());
    return EXIT.holds;
  }
  if (name === '--version') {
    io.out(packageVersion());
    return EXIT.holds;
  }
  try {
    return await command(name, rest);
  } catch (e) {
    // parseArgs says by throwing what it does not know; anything else is a defect, told as one line.
    return usage(e instanceof Error ? e.message : String(e));
  }
};

// A reader that closes the pipe early ("| head") is no error.
process.stdout.on('error', () => undefined);
process.exitCode = await main(process.argv.slice(2));
