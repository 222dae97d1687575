/**
 * Workers without threads: members of a crew that take turns in this thread,
 * a slice at a time, so that what goes on between them is the same each time.
 */
import type { AnyStateMachine } from 'xstate';
import { Exploring } from '../../src/explore/explore.ts';
import { Layout } from '../../src/explore/layout.ts';
import type { ExploreOptions } from '../../src/explore/options.ts';
import type { Exploration } from '../../src/explore/result.ts';
import type { Hand, Hire } from '../../src/explore/workers/hands.ts';
import { type Asked, join } from '../../src/explore/workers/join.ts';
import { Lean } from '../../src/explore/workers/lean.ts';
import type { Member } from '../../src/explore/workers/member.ts';
import { SharedStore } from '../../src/explore/workers/shared-store.ts';

/** Which hands: those that know the machine, those that work by code, or both in turn. */
export interface Hands {
  readonly workers?: number;
  readonly small?: number;
  readonly subject?: AnyStateMachine;
  readonly kind?: 'knowing' | 'lean' | 'both';
  readonly calm?: number;
}

/** Explores with hands that take turns, and counts the orders that they were given. */
export async function exploreByHands(
  machine: AnyStateMachine,
  options: ExploreOptions,
  { workers = 2, small = 1, subject = machine, kind = 'knowing', calm }: Hands = {},
): Promise<Exploration & { readonly orders: number }> {
  let orders = 0;
  const handOf = (member: Member | Lean): Hand => ({
    work: async (order) => {
      orders++;
      const work = member.work(structuredClone(order));
      for (;;) {
        const step = work.next();
        if (step.done === true) return step.value;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    help: async (chore) => member.help(structuredClone(chore)),
    end: () => {},
  });
  const hire =
    (asked: Asked): Hire =>
    async (share) =>
      handOf(join({ machine: subject, options }, asked, share));
  const lean: Hire = async ({ control, tally, index, maxStates }) => {
    const none = new Layout({ width: 1, keyWidth: 1, fields: [] }, 0, -1);
    const own = tally.subarray(2 * index, 2 * index + 2);
    return handOf(
      new Lean(new SharedStore(none, control, true), control, { own, all: tally, maxStates }),
    );
  };
  const means = {
    small,
    calm,
    ...(kind === 'lean' ? {} : { hire }),
    ...(kind === 'knowing' ? {} : { lean }),
  };
  const run = new Exploring(machine, { ...options, workers }, means).run();
  for (;;) {
    const step = run.next();
    if (step.done === true) return { ...step.value, orders };
    await (step.value ?? new Promise((resolve) => setImmediate(resolve)));
  }
}
