/** Those who expand states in other threads, and how they are got. */
import type { Answer, Order } from './member.ts';
import type { Ranges } from './ranges.ts';
import type { Buffers, Packed, SharedStore } from './shared-store.ts';

/** What all do together while nobody expands states: a part of it. */
export interface Chore {
  readonly buffers: Buffers;
  readonly log: SharedArrayBuffer;
  /** All states; they are to be packed anew if it is said how they were, and else entered. */
  readonly numbers: Ranges;
  readonly packed: Packed | undefined;
  readonly part: number;
  readonly parts: number;
}

/** Does one's part; gives states for which no place was found, for `SharedStore.enterRest`. */
export function help(store: SharedStore, chore: Chore): readonly number[] {
  const { numbers, packed, part, parts } = chore;
  if (packed === undefined) return store.enter(numbers, part, parts);
  store.repack(numbers, packed, part, parts);
  return [];
}

/** One who expands states elsewhere. */
export interface Hand {
  readonly work: (order: Order) => Promise<Answer>;
  readonly help: (chore: Chore) => Promise<readonly number[]>;
  readonly end: () => void;
}

/** One who does what a hand is asked for. */
export interface Hired {
  /** Expands slices of a level, pausing after each. Never throws. */
  readonly work: (order: Order) => Generator<void, Answer>;
  readonly help: (chore: Chore) => readonly number[];
}

/** What a thread is asked for, done without a pause. */
export function done(worker: Hired, asked: Order | Chore): Answer | readonly number[] {
  if ('part' in asked) return worker.help(asked);
  const work = worker.work(asked);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** What a hand is given once. */
export interface Share {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly tally: Float64Array<SharedArrayBuffer>;
  /** Its place in the tally. */
  readonly index: number;
  readonly log: SharedArrayBuffer;
  /** Whose pages are to be fetched first. */
  readonly table: SharedArrayBuffer;
  readonly maxStates: number;
}

export type Hire = (share: Share) => Promise<Hand>;

/** Where hands are to be had. */
export interface Hiring {
  /** Hands that work by code alone. */
  readonly lean: Hire | undefined;
  /** Hands that know the machine: for what there is no code for. */
  readonly knowing: Hire | undefined;
}
