/** Random hosts, and random histories of them, for fast-check. */

export { historyArbitrary, type RandomHistory } from './history/arbitrary.ts';
export { hostArbitrary, type RandomHost } from './host/arbitrary.ts';
