/**
 * What a damaged line may have been. A serial line doubles, loses or
 * changes characters; the readings of a line are those of every text from
 * which one such fault makes it.
 */
import { exactly, type Form, type Match } from './form.ts';

/** Texts of which the given one is a copy with one letter doubled. */
const undoubled = (text: string): readonly string[] => {
  const texts: string[] = [];
  for (let at = 1; at < text.length; at++) {
    const startsRun = text[at] === text[at - 1] && text[at] !== text[at - 2];
    if (startsRun) texts.push(text.slice(0, at) + text.slice(at + 1));
  }
  return texts;
};

const key = (match: Match<string>): string => `${match.form.name}|${match.values.join('|')}`;

/**
 * Whether the letter at `at` of a line belongs to the fixed text. Digits
 * there, such as the state of a port, count as values; words that stand
 * where a value does, such as paging flags, count as fixed text.
 */
const isFixedText = (candidate: Form<string>, line: string, at: number): boolean => {
  if (/[0-9]/.test(line[at] ?? '') || !candidate.pattern.test(line)) return false;
  const groups = new RegExp(candidate.pattern.source, 'd').exec(line)?.indices ?? [];
  return groups.slice(1).every((span) => {
    if (span === undefined || at < span[0] || at >= span[1]) return true;
    return /[g-z]/.test(line.slice(span[0], span[1]));
  });
};

/**
 * All distinct readings of `text` under `forms` at one fault's distance.
 * Letters of the fixed text may be doubled, lost or changed, those of a
 * value doubled or lost. For a text that is sound by itself only lost and doubled characters are
 * considered, and the text's own reading is not among them. The order is
 * fixed: doublings first.
 */
export const oneEditReadings = <Name extends string>(
  forms: readonly Form<Name>[],
  text: string,
): readonly Match<Name>[] => {
  const found = new Map<string, Match<Name>>();
  const consider = (candidates: readonly Form<Name>[], edited: string): void => {
    const match = exactly(candidates, edited);
    if (match !== undefined && !found.has(key(match))) found.set(key(match), match);
  };
  const own = exactly(forms, text);
  for (const edited of undoubled(text)) consider(forms, edited);
  for (const candidate of forms) {
    const one = [candidate];
    for (let at = 0; at <= text.length; at++) {
      const before = text.slice(0, at);
      const from = text.slice(at);
      const after = text.slice(at + 1);
      for (const letter of candidate.alphabet) {
        consider(one, before + letter + from);
        if (own === undefined && at < text.length) {
          const edited = before + letter + after;
          if (isFixedText(candidate, edited, at)) consider(one, edited);
        }
      }
    }
  }
  if (own !== undefined) found.delete(key(own));
  return [...found.values()];
};
