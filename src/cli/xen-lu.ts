/** `xen-lu` as a function: arguments in, exit status out. */
import { parseArgs } from 'node:util';
import { wrap } from '../report/text.ts';
import { EXIT, type Exit, flag, type Io } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { packageVersion } from './package-version.ts';
import { commandHelp, mainHelp } from './usage.ts';

const usage = (io: Io, what: string): Exit => {
  io.err([...wrap(`xen-lu: ${what}`, 8), 'Try: xen-lu --help'].join('\n'));
  return EXIT.badInput;
};

const command = async (name: string, args: readonly string[], io: Io): Promise<Exit> => {
  const entry = COMMANDS.find((c) => c.name === name);
  if (entry === undefined) return usage(io, `no command "${name}"`);
  const asked = await entry.load();
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...asked.options, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (flag(values, 'help')) {
    io.out(commandHelp(entry, asked));
    return EXIT.holds;
  }
  const ended = await asked.run(values, positionals, io);
  return typeof ended === 'number' ? ended : usage(io, ended.usage);
};

/** Runs what the arguments ask for; never throws. */
export const xenLu = async (argv: readonly string[], io: Io): Promise<Exit> => {
  const [name, ...rest] = argv;
  if (name === undefined) {
    io.err(mainHelp(COMMANDS));
    return EXIT.badInput;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    io.out(mainHelp(COMMANDS));
    return EXIT.holds;
  }
  if (name === '--version') {
    io.out(packageVersion());
    return EXIT.holds;
  }
  try {
    return await command(name, rest, io);
  } catch (e) {
    // parseArgs says by throwing what it does not know; anything else is a defect, told as one line.
    return usage(io, e instanceof Error ? e.message : String(e));
  }
};
