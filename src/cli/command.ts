/** What a command of `xen-lu` is: how it is explained, what it takes, what it does. */
import type { ParseArgsConfig } from 'node:util';

/** Exit statuses of every command. */
export const EXIT = { holds: 0, violated: 1, badInput: 2, refused: 3 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** All that a command may touch besides files: tests give their own. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly terminal: { readonly isTTY?: boolean; write(text: string): unknown };
  /** Milliseconds; for progress only, never for the model. */
  readonly clock: () => number;
}

/** Options as `parseArgs` gives them: a flag, a text, or several texts. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** A command as the list of all knows it, before what it rests on is read. */
export interface CommandEntry {
  readonly name: string;
  readonly synopsis: string;
  /** One line; with the name within 75 columns. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export interface Command {
  readonly details: readonly string[];
  /** Each option with what it means, in the order of the help text. */
  readonly optionHelp: readonly (readonly [option: string, what: string])[];
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /**
   * Runs it. Wrong usage is a `UsageError`, which the caller prints together
   * with where to find help; everything else it prints itself.
   */
  readonly run: (
    values: Values,
    positionals: readonly string[],
    io: Io,
  ) => Promise<Exit | UsageError>;
}

/** The arguments make no sense: exit status 2, and what would. */
export interface UsageError {
  readonly usage: string;
}

export const usageError = (usage: string): UsageError => ({ usage });

/** The text of an option, or undefined. */
export const text = (values: Values, name: string): string | undefined => {
  const v = values[name];
  return typeof v === 'string' ? v : undefined;
};

/** Every text of an option that may come several times. */
export const texts = (values: Values, name: string): readonly string[] => {
  const v = values[name];
  const all = Array.isArray(v) ? v : [v];
  return all.filter((one): one is string => typeof one === 'string');
};

export const flag = (values: Values, name: string): boolean => values[name] === true;

export const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** The worst status wins: bad input, then violated, then refused. */
export const worst = (all: readonly Exit[]): Exit =>
  [EXIT.badInput, EXIT.violated, EXIT.refused].find((e) => all.includes(e)) ?? EXIT.holds;
