/**
 * Deciding what a kept line says. A sound line says what it says, unless
 * something that the dump repeats elsewhere shows that a digit was lost or
 * doubled; a damaged line says what its only possible reading says.
 */
import { exactly, type Form, type Match, possible, resembled, type Weight } from './form.ts';
import { type KeptLine, type Notes, noteRepair, problemAt, quoted } from './notes.ts';
import { oneEditReadings } from './one-edit.ts';

/** A line whose form is known, or that has several readings. */
export interface LineReadings<Name extends string> {
  readonly line: KeptLine;
  /** The exact match, if the line is sound by itself. */
  readonly exact: Match<Name> | undefined;
  /** All readings at one fault's distance; computed on demand. */
  readonly near: () => readonly Match<Name>[];
}

/** How the rest of the capture judges a reading. */
export interface Judgement<Name extends string> {
  /** False: the reading cannot be true of any Xen. */
  readonly sound: (match: Match<Name>) => boolean;
  /** False: the reading disagrees with another line of the same dump. */
  readonly agrees: (match: Match<Name>, line: KeptLine) => boolean;
  /** Dumps of other moments: may choose, never overrule. */
  readonly elsewhere: (match: Match<Name>) => boolean;
}

export const noJudgement: Judgement<string> = {
  sound: () => true,
  agrees: () => true,
  elsewhere: () => false,
};

const HINT_DAMAGED =
  'dump the key again (xl debug-keys q; xl debug-keys g; xl debug-keys e; xl dmesg), ' +
  'or correct the line if you know what it said';

/** Matches a line, and knows how to try its other readings. */
export const readingsOf = <Name extends string>(
  forms: readonly Form<Name>[],
  line: KeptLine,
  notes: Notes,
): LineReadings<Name> => {
  const exact = exactly(forms, line.text);
  let found: readonly Match<Name>[] | undefined;
  const near = (): readonly Match<Name>[] => {
    if (found !== undefined) return found;
    if (notes.budget <= 0) return [];
    notes.budget -= 1;
    found = oneEditReadings(
      exact === undefined ? possible(forms, line.text) : [exact.form],
      line.text,
    );
    return found;
  };
  return { line, exact, near };
};

const preferred = <Name extends string>(
  matches: readonly Match<Name>[],
  line: KeptLine,
  judge: Judgement<Name>,
): readonly Match<Name>[] => {
  const sound = matches.filter(judge.sound);
  const agreeing = sound.filter((match) => judge.agrees(match, line));
  return chosen(agreeing.length > 0 ? agreeing : sound, judge);
};

/** Other moments choose between several readings, if they show one. */
const chosen = <Name extends string>(
  matches: readonly Match<Name>[],
  judge: Judgement<Name>,
): readonly Match<Name>[] => {
  const confirmed = matches.length > 1 ? matches.filter(judge.elsewhere) : [];
  return confirmed.length === 1 ? confirmed : matches;
};

/**
 * The one reading of a line, or undefined: then the line is noise, or a
 * problem or a damage was noted for it. `place` says how much depends on a
 * line that stands there, if that is known whatever the line shows.
 */
export const settle = <Name extends string>(
  readings: LineReadings<Name>,
  judge: Judgement<Name>,
  forms: readonly Form<Name>[],
  notes: Notes,
  place?: Weight,
): Match<Name> | undefined => {
  const { line, exact } = readings;
  if (exact !== undefined) {
    const sound = judge.sound(exact);
    if (sound && judge.agrees(exact, line)) {
      if (line.prefixDamaged) noteRepair(notes, line, exact.text, 'fixed text');
      return exact;
    }
    const fitting = readings
      .near()
      .filter((match) => judge.sound(match) && judge.agrees(match, line));
    const better = chosen(fitting, judge);
    const [only] = better;
    if (only !== undefined && better.length === 1) {
      noteRepair(notes, line, only.text, 'the only reading that agrees with the rest of the dump');
      return only;
    }
    // One that no single fault explains is left to the cross-checks.
    if (sound && better.length === 0) return exact;
    refuse(
      readings,
      exact.form.weight,
      better.map((match) => match.text),
      notes,
    );
    return undefined;
  }
  const best = preferred(readings.near(), line, judge);
  const [only] = best;
  if (only !== undefined && best.length === 1) {
    const why = readings.near().length === 1 ? 'fixed text' : 'the only reading that fits the rest';
    noteRepair(notes, line, only.text, why);
    return only;
  }
  const likely = best.length > 0 ? best.map(({ form }) => form) : resembled(forms, line.text);
  const weight = place ?? heaviest(likely.map((form) => form.weight));
  if (weight === undefined) notes.skipped += 1;
  else
    refuse(
      readings,
      weight,
      best.map((match) => match.text),
      notes,
    );
  return undefined;
};

const heaviest = (weights: readonly Weight[]): Weight | undefined =>
  (['needed', 'spare', 'decor'] as const).find((weight) => weights.includes(weight));

const refuse = (
  { line, exact }: LineReadings<string>,
  weight: Weight,
  texts: readonly string[],
  notes: Notes,
): void => {
  if (weight === 'decor') {
    notes.skipped += 1;
    return;
  }
  const [first, second] = texts;
  const fault = exact === undefined ? 'damaged line' : 'line at odds with the rest of the dump:';
  const what =
    first !== undefined && second !== undefined
      ? `${fault} ${quoted(line)}: it may have been "${first}" or "${second}"` +
        (texts.length > 2 ? ` or ${texts.length - 2} more` : '')
      : `${fault} ${quoted(line)}: no line of this dump that is one character away ` +
        'fits the lines around it';
  const list = weight === 'needed' ? notes.problems : notes.damaged;
  list.push(problemAt(line, what, HINT_DAMAGED));
};
