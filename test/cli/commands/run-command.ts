/** Commands in this process, with what they printed. */
import { parseArgs } from 'node:util';
import { expect } from 'vitest';
import { type Command, EXIT, type Io } from '../../../src/cli/command.ts';
import { xenLu } from '../../../src/cli/xen-lu.ts';

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Kept {
  readonly out: string[];
  readonly err: string[];
  readonly io: Io;
}

/** What a command touches, with what it prints kept. */
const keeping = (): Kept => {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    terminal: { write: () => true },
    clock: () => 0,
  };
  return { out, err, io };
};

/** The whole of `xen-lu` with these arguments, as the process runs it. */
export const runXenLu = async (...argv: readonly string[]): Promise<Printed> => {
  const { out, err, io } = keeping();
  const code = await xenLu(argv, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
};

/** One command; wrong usage as it says it itself. */
export const runCommand = async (
  command: Command,
  ...args: readonly string[]
): Promise<Printed> => {
  const { out, err, io } = keeping();
  const { values, positionals } = parseArgs({
    args: [...args],
    options: command.options,
    allowPositionals: true,
  });
  const ended = await command.run(values, positionals, io);
  const isDone = typeof ended === 'number';
  return {
    code: isDone ? ended : EXIT.badInput,
    out: out.join('\n'),
    err: isDone ? err.join('\n') : ended.usage,
  };
};

/** What every text for people must be: narrow enough for a mail, and no stack trace. */
export const expectReadable = (text: string): void => {
  expect(text.split('\n').filter((line) => line.length > 75)).toEqual([]);
  expect(text).not.toMatch(/\n\s+at .*:\d+:\d+/);
};
