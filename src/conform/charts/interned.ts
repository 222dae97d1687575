/** Answers to the sayings of a chart: yes, no or not known, and equal ones are one. */
import type { Answers } from '../choice.ts';
import { NO, type Tri, UNKNOWN, YES } from '../tri.ts';

export const not = (answer: Tri): Tri => (answer === UNKNOWN ? UNKNOWN : answer === YES ? NO : YES);
export const yesIf = (holds: boolean): Tri => (holds ? YES : UNKNOWN);
export const noIf = (fails: boolean): Tri => (fails ? NO : UNKNOWN);

/** Answers of one chart by what they follow from. Their numbers begin at 0; fixed ones are below. */
export class Interned {
  readonly #known = new Map<string, Answers>();

  of(key: string, make: () => Answers['says']): Answers {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = { id: this.#known.size, says: make() };
    this.#known.set(key, made);
    return made;
  }
}

/** Nothing is known. */
export const ANYWHERE: Answers = { id: -1, says: {} };
