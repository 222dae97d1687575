/** Answers to what a trace may or may not tell. */

/** Not known; also of numbers that are never negative. */
export const UNKNOWN = -1;
export const NO = 0;
export const YES = 1;
/** -1 not known, 0 no, 1 yes. */
export type Tri = number;
