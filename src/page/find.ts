/** Search: the steps whose words, objects or broken invariants have all words of a query. */
import type { Recording } from '../inspect/recording/recording.ts';

/** One lower-case text for each step; made once. */
export const indexOf = (r: Recording): readonly string[] =>
  r.steps.map((s) => {
    const rows = Object.values(s.view).flatMap((table) => Object.keys(table ?? {}));
    const broken = s.said
      .filter((said) => !said.holds)
      .map((said) => r.invariants[said.of]?.id ?? '');
    return [s.text, s.event, s.phase, ...rows, ...broken].join(' ').toLowerCase();
  });

/** Numbers of the steps found, ascending; all of them for an empty query. */
export const find = (index: readonly string[], query: string): readonly number[] => {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((w) => w !== '');
  return index.flatMap((text, n) => (words.every((w) => text.includes(w)) ? [n] : []));
};

/** The next step found behind `from`, around the end; null: none at all. */
export const nextOf = (found: readonly number[], from: number, back: boolean): number | null => {
  const after = back ? [...found].reverse().find((n) => n < from) : found.find((n) => n > from);
  return after ?? (back ? found[found.length - 1] : found[0]) ?? null;
};
