/**
 * Why a machine cannot be explored, or went wrong while it was. These are
 * thrown inside the engine, where a guard ten calls deep has no other way out,
 * and become values at its edge: no caller of `explore` sees an exception.
 */

/** One construct that cannot be explored, and where it stands. */
export interface Refusal {
  /** For example `#door.open entry[0]` or `context.handle`. */
  readonly place: string;
  readonly reason: string;
}

/** What went wrong while a step was made. */
export type FaultKind =
  /** A function of the machine, or a property, threw. */
  | 'threw'
  /** A function gives another result when it is run again. */
  | 'impure'
  /** A function changes the context in place. */
  | 'mutates'
  /** A step has no end. */
  | 'endless'
  /** XState leaves a state in which siblings are active together, or none is. */
  | 'illegal'
  /** The explorer contradicts itself. */
  | 'internal';

/** A construct that only shows itself while the machine runs. */
export class Unexplorable extends Error {
  readonly refusal: Refusal;
  constructor(place: string, reason: string) {
    super(`${place}: ${reason}`);
    this.refusal = { place, reason };
  }
}

/** A step that has no meaning: it threw, or gives something else each time. */
export class Fault extends Error {
  readonly kind: FaultKind;
  readonly place: string;
  constructor(kind: FaultKind, place: string, message: string) {
    super(message);
    this.kind = kind;
    this.place = place;
  }
}

/** The message of anything that can be thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === 'string') return thrown;
  return 'threw something that is not an Error';
}
