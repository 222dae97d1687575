/** What each of several has done so far, for progress and for the limit of states. */

/** Adds to what a member did; read by others for progress only. */
export interface Tally {
  /** This member's states found and transitions taken. */
  readonly own: Float64Array;
  /** Of all members, for the limit of states. */
  readonly all: Float64Array;
  readonly maxStates: number;
}

/** Whether all together have found more states than there may be. */
export function isOver({ all, maxStates }: Tally): boolean {
  let states = 0;
  for (let i = 0; i < all.length; i += 2) states += all[i] as number;
  return states > maxStates;
}
