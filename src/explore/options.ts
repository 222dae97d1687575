/** What a user asks of an exploration. */
import type { StateView } from './predicates.ts';

/** A question about a state. It must be pure; what it throws becomes an error. */
export type Predicate<C = unknown> = (state: StateView<C>) => boolean;

/** What the search has done so far. */
export interface Progress {
  readonly states: number;
  readonly transitions: number;
  /** Steps from the first state to those expanded now. */
  readonly depth: number;
  /** States found and not expanded yet. */
  readonly frontier: number;
  /** Bytes allocated for the states and what was learned. */
  readonly bytes: number;
  /** Since the start, by the given clock; absent without one. */
  readonly seconds?: number;
}

/**
 * Which events are not put off for ever. A fair event type that stays enabled
 * (weak), or becomes enabled again and again (strong), is taken at last.
 */
export interface Fairness {
  readonly weak?: readonly string[] | 'all';
  readonly strong?: readonly string[] | 'all';
}

/** Two states are one if they differ only in the order of like parts. */
export interface Symmetry {
  /**
   * Each group lists the interchangeable parts, each part its places: `#id` of
   * a region's node (with all in it), or a path into the context such as
   * `context.votes.2`. All parts of a group have as many places, in the same
   * order. The machine and all properties must not tell the parts apart.
   */
  readonly groups: readonly (readonly (readonly string[])[])[];
}

/**
 * Where another thread finds the machine: functions cannot be sent to it. The
 * module exports, under `name`, `{ machine, options }`, or a function of
 * `argument` that gives as much (or a promise of it). Of the options `events`,
 * `input` and the functions of `always` and `sometimes` are used there.
 */
export interface Subject {
  readonly module: string | URL;
  /** `subject` if not given. */
  readonly name?: string;
  /** Anything that can be sent to another thread. */
  readonly argument?: unknown;
}

/** Something that checkpoints carry as bytes. */
export interface Beside {
  readonly save: () => Uint8Array;
  /** False if it cannot be that of this machine. It may be anybody's bytes, but is not damaged. */
  readonly load: (bytes: Uint8Array) => boolean;
}

export interface ExploreOptions<C = unknown, E extends { type: string } = { type: string }> {
  /**
   * The events offered in each state, payload and all: a list, or a pure
   * function of the state. Without it: each event type of the chart, bare.
   */
  readonly events?: readonly E[] | ((state: StateView<C>) => readonly E[]);
  /** Input of the machine. */
  readonly input?: unknown;
  /** Must hold in every state. */
  readonly always?: Readonly<Record<string, Predicate<C>>>;
  /** Must hold in some state. */
  readonly sometimes?: Readonly<Record<string, Predicate<C>>>;
  /** Must hold at some time on every fair run. */
  readonly eventually?: Readonly<Record<string, Predicate<C>>>;
  /** Whenever `from` holds, `to` must hold then or later, on every fair run. */
  readonly leadsTo?: Readonly<
    Record<string, { readonly from: Predicate<C>; readonly to: Predicate<C> }>
  >;
  readonly fairness?: Fairness;
  /** True: an active state in which no event is handled is a violation. */
  readonly deadlock?: boolean;
  /** True: a done machine takes no event, as a done actor does. */
  readonly stopWhenDone?: boolean;
  /** Ends the search with the verdict `incomplete` once more states are seen. */
  readonly maxStates?: number;
  /** Bytes that the states and what was learned may take. */
  readonly maxMemory?: number;
  readonly onProgress?: (progress: Progress) => void;
  /**
   * States expanded between two calls of `onProgress`. If it is not given:
   * 65,536, or with a clock some twenty calls a second.
   */
  readonly progressEvery?: number;
  /** Ends the search with the verdict `incomplete` and a checkpoint. */
  readonly signal?: AbortSignal;
  /** Milliseconds, rising; without it no times are given, and pauses are by states only. */
  readonly clock?: () => number;
  /** A checkpoint of the same machine and options to go on from. */
  readonly resume?: Uint8Array;
  /**
   * What values in the context stand for, if they are but names of something
   * that functions of the machine hold: it goes into checkpoints with them.
   */
  readonly beside?: Beside;
  /**
   * Threads that search beside each other, this one among them. Counts and
   * verdict are the same for any number; which one of several shortest ways is
   * shown is not. Those that help work by code made of what was learned here;
   * with `subject` others can come where there is none. Not in `exploreSync`.
   */
  readonly workers?: number;
  readonly subject?: Subject;
  /**
   * `por`: partial-order reduction, see docs/explore.md. The verdict is the
   * same, with fewer states; a trace may be longer than the shortest. Not with
   * `eventually`, `leadsTo`, `symmetry`, `resume`, several workers, or events
   * given as a function.
   */
  readonly reductions?: readonly 'por'[];
  /** Not with `eventually` or `leadsTo`. */
  readonly symmetry?: Symmetry;
  /**
   * `each`, if not given: a function is run both plainly and listing what it
   * reads whenever something is learned of it, so that one that cannot be
   * followed, or answers differently, is noticed. `some`: one time in sixteen,
   * for functions that are slow and known to be pure.
   */
  readonly compare?: 'each' | 'some';
}
