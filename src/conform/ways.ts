/** Single possibilities of a chart, and what is known of a guard. */
import type { Active } from '../world/tree.ts';
import type { Answers } from './choice.ts';
import { type Tri, UNKNOWN } from './tri.ts';

/** One possibility. */
export interface Way {
  readonly active: Active;
  /** Transitions on every way to it that are not counted yet. */
  readonly took: readonly number[];
  /** Transitions of the step under way on some way to it. */
  readonly may: readonly number[];
}

/** The same, with nothing left to be counted. */
export const uncounted = (way: Way): Way => ({ ...way, took: [], may: [] });

/** The numbers of all sets, ascending. */
export const union = (sets: readonly (readonly number[])[]): readonly number[] =>
  [...new Set(sets.flat())].sort((a, b) => a - b);

/** Ways that lead to the same states are one; it has taken what all of them took. */
export const merged = (ways: readonly Way[]): Way[] => {
  const byStates = new Map<string, Way>();
  for (const way of ways) {
    const key = way.active.join(',');
    const other = byStates.get(key);
    byStates.set(
      key,
      other === undefined
        ? way
        : {
            active: way.active,
            took: other.took.filter((t) => way.took.includes(t)),
            may: union([other.may, way.may]),
          },
    );
  }
  return [...byStates.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, way]) => way);
};

/** The answer to a guard by its name: `isX` and `becomesX` ask for the saying x. */
export const answerOf = (guard: string, { says }: Answers): Tri => {
  const name = guard.replace(/^(?:is|becomes)(?=[A-Z])/, '');
  if (name === guard) return UNKNOWN;
  return says[name.charAt(0).toLowerCase() + name.slice(1)] ?? UNKNOWN;
};
