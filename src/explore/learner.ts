/** Answers that are asked for again and again: found by what they rest on. */
import { Memo } from './memo.ts';
import { type Observation, SAMPLE } from './observe.ts';
import type { Slots } from './slots.ts';
import type { Tracker } from './tracker.ts';

/** A question whose answers are learned; `plain` once tracking has failed. */
export interface Learned<Out> {
  readonly memo: Memo<Out>;
  plain: boolean;
}

/** Noted in place of a slot when it is not known what an answer rests on. */
export const UNKNOWN = -1;

/** A tree that keeps missing is given up beyond this size. */
const MAX_LEAVES = 4096;

export class Learner {
  readonly tracker: Tracker;
  private readonly slots: Slots;
  /** Called for each slot that an answer rests on. */
  note: (slot: number) => void = () => {};
  /** Called for each tree that an answer comes from. */
  use: (memo: Memo<unknown>) => void = () => {};
  /** Whether what is being learned now is believed when it was run once. */
  trusting = false;
  private readonly sampled: boolean;

  /** @param sampled run both ways only now and then */
  constructor(slots: Slots, tracker: Tracker, sampled: boolean) {
    this.slots = slots;
    this.tracker = tracker;
    this.sampled = sampled;
  }

  /** A question that was never asked. */
  question<Out>(): Learned<Out> {
    return { memo: new Memo(this.slots), plain: false };
  }

  /**
   * Answers from the tree, or learns.
   *
   * @param learn finds the answer, listing its reads with the tracker
   */
  ask<Out>(
    question: Learned<Out>,
    v: Int32Array,
    learn: (plainOnly: boolean) => Observation<Out>,
  ): Out {
    const { memo } = question;
    this.use(memo);
    let at = memo.root;
    while (at !== undefined && at.slot >= 0) {
      this.note(at.slot);
      at = at.kids[v[at.slot] as number];
    }
    if (at !== undefined) {
      memo.hits++;
      return at.out as Out;
    }
    const { epoch } = this.slots;
    memo.misses++;
    this.trusting = this.sampled && memo.misses % SAMPLE !== 1;
    const { value, tracked } = learn(question.plain);
    if (!tracked || question.plain) {
      question.plain = true;
      this.note(UNKNOWN);
      return value;
    }
    for (const slot of this.tracker.reads) this.note(slot);
    memo.rest(this.tracker.grounds);
    memo.keep(this.tracker.reads, v, value, epoch);
    if (memo.leaves > MAX_LEAVES && memo.hits < 8 * memo.misses) question.plain = true;
    return value;
  }
}
