/** Problems with whole files, and the error value they make. */
import type { CaptureError, CaptureProblem } from './reading.ts';

/** How many problems an error lists; the rest is counted. */
export const MOST_PROBLEMS = 20;

/** An error of at least one problem; those beyond the limit are counted. */
export const captureError = (problems: readonly CaptureProblem[]): CaptureError => ({
  problems: problems.slice(0, MOST_PROBLEMS),
  omitted: Math.max(0, problems.length - MOST_PROBLEMS),
});

export const fileProblem = (file: string, what: string, hint: string): CaptureProblem => ({
  file,
  line: undefined,
  what,
  hint,
});
