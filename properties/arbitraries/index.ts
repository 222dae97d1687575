/** Random hosts, and random histories of them, for fast-check. */

export { historyArbitrary, type RandomHistory } from './history/arbitrary.ts';
export { hostArbitrary } from './host/arbitrary.ts';
