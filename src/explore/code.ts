/**
 * Code made of what was learned, and its text, from which another thread makes
 * the same code without knowing the machine.
 */

/**
 * Writes the successors of the state at `base` to `line`, packed one after the
 * other, from index `p` on.
 *
 * @returns the index after the last; `out` has, added to what it held, at 0 how
 *   many events are in `missed`, and at 1 how many transitions were taken
 */
export type Filler = (
  words: Int32Array,
  base: number,
  line: Int32Array,
  p: number,
  missed: Int32Array,
  out: Int32Array,
) => number;

/** The code for one layout and all that was known when it was made. */
export interface Code {
  readonly fill: readonly Filler[];
  /** Hashes the states in line from one to before another. */
  readonly hash: (line: Int32Array, hashes: Int32Array, from: number, to: number) => void;
  /** 1 if all invariants are known to hold in a state, 0 if they must be asked. */
  readonly holds: (words: Int32Array, base: number) => number;
}

/** A function's text, and the tables it has by name. */
interface Piece {
  readonly text: string;
  readonly names: readonly string[];
  readonly tables: readonly unknown[];
}

/** Code as text: what can be sent to another thread. */
export interface CodeText {
  readonly fill: readonly Piece[];
  readonly hash: string;
  readonly holds: string;
}

/** Makes code of its text. Only text that `Compiler` wrote is ever given. */
export function codeOf({ fill, hash, holds }: CodeText): Code {
  return {
    fill: fill.map(({ text, names, tables }) => new Function(...names, text)(...tables) as Filler),
    hash: new Function(hash)() as Code['hash'],
    holds: new Function(holds)() as Code['holds'],
  };
}
