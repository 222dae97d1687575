/** One command in this process, as `main` runs it, with what it printed. */
import { parseArgs } from 'node:util';
import { expect } from 'vitest';
import { type Command, EXIT } from '../../../src/cli/command.ts';

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export const runCommand = async (
  command: Command,
  ...args: readonly string[]
): Promise<Printed> => {
  const out: string[] = [];
  const err: string[] = [];
  const { values, positionals } = parseArgs({
    args: [...args],
    options: command.options,
    allowPositionals: true,
  });
  const ended = await command.run(values, positionals, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    terminal: { write: () => true },
    clock: () => 0,
  });
  const code = typeof ended === 'number' ? ended : EXIT.badInput;
  return {
    code,
    out: out.join('\n'),
    err: typeof ended === 'number' ? err.join('\n') : ended.usage,
  };
};

/** What every text for people must be: narrow enough for a mail, and no stack trace. */
export const expectReadable = (text: string): void => {
  expect(text.split('\n').filter((line) => line.length > 75)).toEqual([]);
  expect(text).not.toMatch(/\n\s+at .*:\d+:\d+/);
};
