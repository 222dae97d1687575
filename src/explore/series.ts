/** Searches of one machine, one after the other, each with all that the earlier ones learned. */
import { Exploring } from './explore.ts';
import type { ExploreOptions } from './options.ts';
import type { Learnt } from './prepare.ts';
import type { Exploration } from './result.ts';

/**
 * One machine and one list of properties, to be searched under several lists
 * of events: where an event chooses a variant first, under one variant after
 * the other. States, transitions, depth and verdict are those of a search by
 * itself; where something breaks, only the verdict and the length of the way
 * to it, for events may be tried in another order. Coverage is that of all
 * searches so far.
 */
export class Series {
  private readonly machine: unknown;
  private readonly options: ExploreOptions;
  private readonly memory = new Map<string, Learnt>();

  /** @param options of all searches; without `resume` and `workers`, and with one input */
  constructor(machine: unknown, options: ExploreOptions) {
    this.machine = machine;
    this.options = options;
  }

  /** Searches under these events; as `exploreSync`, it does not throw. */
  explore(events: NonNullable<ExploreOptions['events']>): Exploration {
    const { memory } = this;
    const run = new Exploring(this.machine, { ...this.options, events }, { memory }).run();
    for (;;) {
      const step = run.next();
      if (step.done === true) return step.value;
    }
  }
}
