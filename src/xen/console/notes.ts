/** What reading a console gathers besides the values themselves. */
import type { CaptureProblem, Contradiction, Place, Repair } from '../capture/reading.ts';

/** Accumulates while one console is read; never shared between reads. */
export interface Notes {
  readonly repairs: Repair[];
  readonly contradictions: Contradiction[];
  readonly damaged: CaptureProblem[];
  readonly problems: CaptureProblem[];
  skipped: number;
  /** Damaged lines for which all readings may still be tried. */
  budget: number;
}

/**
 * Trying all readings of a line costs about a millisecond. A log with more
 * damaged lines than this is not a console log.
 */
const MOST_DAMAGED_LINES = 4000;

export const emptyNotes = (): Notes => ({
  repairs: [],
  contradictions: [],
  damaged: [],
  problems: [],
  skipped: 0,
  budget: MOST_DAMAGED_LINES,
});

/** A line that was kept because it belongs to a dump. */
export interface KeptLine extends Place {
  /** As in the file, without line end. */
  readonly raw: string;
  /** What Xen printed, blanks single. */
  readonly text: string;
  /** The `(XEN)` of the line has a wrong letter. */
  readonly prefixDamaged: boolean;
}

const shown = (raw: string): string => {
  const printable = [...raw]
    .map((letter) => (letter < ' ' || letter > '~' ? '.' : letter))
    .join('');
  return printable.length > 120 ? `${printable.slice(0, 117)}...` : printable;
};

/** Notes that a line was read as something else than it says. */
export const noteRepair = (notes: Notes, line: KeptLine, readAs: string, because: string): void => {
  const { file, line: number } = line;
  notes.repairs.push({
    file,
    line: number,
    was: shown(line.raw),
    readAs: `(XEN) ${readAs}`,
    because,
  });
};

export const problemAt = (place: Place, what: string, hint: string): CaptureProblem => ({
  file: place.file,
  line: place.line,
  what,
  hint,
});

/** A line of a dump in words, for messages. */
export const quoted = (line: KeptLine): string => `"${shown(line.text)}"`;

/** Two numbers that two places give for the same thing. */
export const noteContradiction = (notes: Notes, what: string, ...sources: Place[]): void => {
  notes.contradictions.push({
    what,
    sources: sources.map(({ file, line }) => ({ file, line })),
  });
};
