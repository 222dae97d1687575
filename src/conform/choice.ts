/** What a follower of a chart is asked and answers: what is known, what may have happened. */
import type { Tri } from './tri.ts';

/** What is known of the host at one moment, by the names of a chart's sayings. */
export interface Answers {
  /** The same for the same answers; answers of one chart have different ones. */
  readonly id: number;
  /** What is not named is not known. */
  readonly says: Readonly<Record<string, Tri>>;
}

/** The possible states of one instance, by number. */
export type Possible = number;

/** No state is possible. */
export const NOTHING: Possible = -1;

/** Nothing happened that the chart sees. */
export const SILENCE = '';

/** An event, and what would be known behind it if it was this one. */
export interface Supposed {
  readonly event: string;
  readonly says: Answers['says'];
}
/** What may have happened: one of these. */
export type Choice = readonly (string | Supposed)[];
