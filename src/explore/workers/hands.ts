/** Those who expand states in other threads, and how they are got. */
import type { Answer, Order } from './member.ts';

/** One who expands states elsewhere. */
export interface Hand {
  readonly work: (order: Order) => Promise<Answer>;
  readonly end: () => void;
}

/** What a hand is given once. */
export interface Share {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly tally: Float64Array<SharedArrayBuffer>;
  /** Its place in the tally. */
  readonly index: number;
  readonly log: SharedArrayBuffer;
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
