/**
 * Workers without threads: members of a crew that take turns in this thread,
 * a slice at a time, so that what goes on between them is the same each time.
 */
import type { AnyStateMachine } from 'xstate';
import { Exploring } from '../../src/explore/explore.ts';
import type { ExploreOptions } from '../../src/explore/options.ts';
import type { Exploration } from '../../src/explore/result.ts';
import type { Hire } from '../../src/explore/workers/crew.ts';
import { type Asked, join } from '../../src/explore/workers/join.ts';

/** Explores with hands that take turns, and counts the orders that they were given. */
export async function exploreByHands(
  machine: AnyStateMachine,
  options: ExploreOptions,
  { workers = 2, small = 1, subject = machine } = {},
): Promise<Exploration & { readonly orders: number }> {
  let orders = 0;
  const hire =
    (asked: Asked): Hire =>
    async (share) => {
      const member = join({ machine: subject, options }, asked, share);
      return {
        work: async (order) => {
          orders++;
          const work = member.work(order);
          for (;;) {
            const step = work.next();
            if (step.done === true) return step.value;
            await Promise.resolve();
          }
        },
        end: () => {},
      };
    };
  const run = new Exploring(machine, { ...options, workers }, { hire, small }).run();
  for (;;) {
    const step = run.next();
    if (step.done === true) return { ...step.value, orders };
    await (step.value ?? new Promise((resolve) => setImmediate(resolve)));
  }
}
