import type { ExploreOptions } from './options.ts';
import type { Broken } from './result.ts';
import type { Search } from './search.ts';
export interface Counterexample {
  property: Broken;
  path: number[];
  loop: number;
}
export function* judgeLiveness(
  _s: Search,
  _o: ExploreOptions,
): Generator<void, Counterexample | undefined> {
  return undefined;
}
