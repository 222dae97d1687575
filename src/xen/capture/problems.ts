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

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'no permission to read it',
  EISDIR: 'it is a folder',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'its name is too long',
};

/** What the system says of a file, in words. */
export const systemReason = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return REASONS[code] ?? cause.message;
};
