/**
 * Progress of work that takes longer than a second: one line on a terminal,
 * rewritten in place; nothing at all in a pipe.
 */
export interface Progress {
  readonly tell: (what: string) => void;
  /** Takes the line away. */
  readonly done: () => void;
}

const QUIET: Progress = { tell: () => undefined, done: () => undefined };
/** Milliseconds before the first line, and between two. */
const PATIENCE = 1000;
const INTERVAL = 100;

/** `stream` is where people look, `clock` gives milliseconds. */
export const progressOn = (
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  clock: () => number,
): Progress => {
  if (stream.isTTY !== true) return QUIET;
  const start = clock();
  let last = 0;
  let shown = false;
  return {
    tell: (what) => {
      const now = clock();
      if (now - start < PATIENCE || now - last < INTERVAL) return;
      last = now;
      shown = true;
      const seconds = Math.floor((now - start) / 1000);
      stream.write(`\r\u001b[K${`${seconds} s  ${what}`.slice(0, 74)}`);
    },
    done: () => {
      if (shown) stream.write('\r\u001b[K');
    },
  };
};
