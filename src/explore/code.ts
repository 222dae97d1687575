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

/** Made-up states that code is tried on: fewer where there is much code. */
const TRIED = 400;
const MOST_TRIED = 4_000_000;

/**
 * Makes code of its text. Only text that `Compiler` wrote is ever given.
 *
 * @param width words a state
 * @param events how many events the code is for
 */
export function codeOf({ fill, hash, holds }: CodeText, width: number, events: number): Code {
  const code = {
    fill: fill.map(({ text, names, tables }) => new Function(...names, text)(...tables) as Filler),
    hash: new Function(hash)() as Code['hash'],
    holds: new Function(holds)() as Code['holds'],
  };
  const length = fill.reduce((sum, { text }) => sum + text.length, 1);
  tryOut(code, width, events, Math.min(TRIED, Math.ceil(MOST_TRIED / length)));
  return code;
}

/**
 * Runs code on made-up states. V8 optimises what it has seen: a branch first
 * taken later would cost all of the function's optimised code, and slow runs
 * until there is some again.
 */
function tryOut({ fill, hash, holds }: Code, width: number, events: number, states: number): void {
  const words = new Int32Array(states * width);
  let random = 1;
  for (let i = 0; i < words.length; i++) {
    random = Math.imul(random, 1_664_525) + 1_013_904_223;
    words[i] = random ^ (random >>> 16);
  }
  const line = new Int32Array(events * width);
  const hashes = new Int32Array(events);
  const missed = new Int32Array(events);
  for (let base = 0; base < words.length; base += width) {
    const out = new Int32Array(2);
    let p = 0;
    for (const one of fill) p = one(words, base, line, p, missed, out);
    hash(line, hashes, 0, p / width);
    holds(words, base);
  }
}
