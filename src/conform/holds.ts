/**
 * What may keep a vCPU off its CPU, as far as records tell: a set of
 * possibilities, each of which is a set of holds. A vCPU runs only if one of
 * the possibilities is that nothing holds it (F2.17).
 *
 * A set of holds is a number of five bits; a set of possibilities has a bit
 * for each of those 32 numbers. Counts are not kept: `paused` stands for any
 * number of pauses greater than 0, because pauses nest (F2.18) and an unpause
 * that does not reach 0 leaves no record.
 */

/** The holds, as bits. */
export const HOLD = {
  /** domain_pause or vcpu_pause by somebody else's call (F2.18, F2.19). */
  paused: 1,
  /** paused_for_shutdown (F2.23); only a resume ends it (F2.26). */
  shutdown: 2,
  /** The pause of domain_kill, which is never undone (F2.7). */
  dying: 4,
  /** VPF_down: not brought up yet, or brought down by its guest (F2.17). */
  down: 8,
  /** Paused by its own call or by work of Xen's: tasklets, events, credit caps (F3.12). */
  deferred: 16,
} as const;

/** A set of possibilities. */
export type Holds = number;

const COMBINATIONS = 32;
const only = (combination: number): Holds => 1 << combination;

/** Nothing holds it, for certain. */
export const FREE: Holds = only(0);
/** Nothing is known. */
export const ANY: Holds = -1;
/** A vCPU right after its domain was created: paused, and down or given registers (F2.1). */
export const NEWBORN: Holds = only(HOLD.paused) | only(HOLD.paused | HOLD.down);

/** May nothing hold it? */
export const mayRun = (holds: Holds): boolean => (holds & FREE) !== 0;

/** Is a possibility left in which something holds it? */
export const mayBeHeld = (holds: Holds): boolean => (holds & ~FREE) !== 0;

type Rule = (combination: number) => Holds;

/** A rule on one possibility as a function on sets of them, each answer worked out once. */
const onSets = (rule: Rule): ((holds: Holds) => Holds) => {
  const known = new Map<Holds, Holds>();
  return (holds) => {
    const before = known.get(holds);
    if (before !== undefined) return before;
    let after = 0;
    for (let c = 0; c < COMBINATIONS; c++) if ((holds & only(c)) !== 0) after |= rule(c);
    known.set(holds, after);
    return after;
  };
};

/** Pauses that share a counter with `paused`, which can then end without a record. */
const SHARED = HOLD.shutdown | HOLD.dying;

const asleep = (kinds: number): Rule => {
  const each = Object.values(HOLD).filter((hold) => (kinds & hold) !== 0);
  return (c) => {
    let after = 0;
    for (const hold of each) after |= only(c | hold);
    if ((kinds & HOLD.paused) === 0) return after;
    // A short pause may end without waking anybody, and a domctl gives a vCPU its registers.
    if ((c & SHARED) !== 0) after |= only(c);
    return (c & HOLD.down) === 0 ? after : after | only((c | HOLD.paused) & ~HOLD.down);
  };
};

const sleepers = new Map<number, (holds: Holds) => Holds>();

/** A SLEEP for one of the reasons in `kinds` (bits of HOLD). */
export const slept = (holds: Holds, kinds: number): Holds => {
  let rule = sleepers.get(kinds);
  if (rule === undefined) {
    rule = onSets(asleep(kinds));
    sleepers.set(kinds, rule);
  }
  return rule(holds);
};

/** What a WAKE may have ended. */
export interface Release {
  /** Whoever executes may be in a call that unpauses others. */
  readonly unpause: boolean;
  /** It may be a resume: the same call paused the domain before (F2.26). */
  readonly resume: boolean;
}

const awake =
  ({ unpause, resume }: Release): Rule =>
  (c) => {
    let after = only(c) | only(c & ~HOLD.down) | only(c & ~HOLD.deferred);
    if (unpause) after |= only(c & ~HOLD.paused);
    if (resume && (c & HOLD.paused) !== 0) after |= only(c & ~HOLD.shutdown);
    return after;
  };

const wakers = [0, 1, 2, 3].map((n) =>
  onSets(awake({ unpause: (n & 1) !== 0, resume: (n & 2) !== 0 })),
);

/** A WAKE: one of the holds that it can end is gone, or none. */
export const woken = (holds: Holds, unpause: boolean, resume: boolean): Holds =>
  wakers[(unpause ? 1 : 0) | (resume ? 2 : 0)]!(holds);

const withHold = (hold: number) => onSets((c) => ((c & hold) === 0 ? 0 : only(c)));
const dying = withHold(HOLD.dying);
const shut = withHold(HOLD.shutdown);

/** The possibilities in which its domain is being destroyed. */
export const ifDying: (holds: Holds) => Holds = dying;
/** The possibilities in which its domain has shut down. */
export const ifShutDown: (holds: Holds) => Holds = shut;

const NAMES: readonly (readonly [number, string])[] = [
  [HOLD.paused, 'paused'],
  [HOLD.shutdown, 'shut down'],
  [HOLD.dying, 'dying'],
  [HOLD.down, 'down'],
  [HOLD.deferred, 'waiting'],
];

/** The possibilities in words: `free`, `paused or paused and shut down`. */
export const holdsText = (holds: Holds): string => {
  if (holds === ANY) return 'not known';
  const words: string[] = [];
  for (let c = 0; c < COMBINATIONS; c++) {
    if ((holds & only(c)) === 0) continue;
    const held = NAMES.filter(([hold]) => (c & hold) !== 0).map(([, name]) => name);
    words.push(held.length === 0 ? 'free' : held.join(' and '));
  }
  return words.join(' or ');
};

/** What may hold it besides a shutdown: then a resume wakes it once at most. */
const BESIDE = HOLD.paused | HOLD.dying | HOLD.deferred;

/**
 * After a domctl that paused it and woke it again, the pause is over. It was a
 * short one, in which Xen may have given it registers or have crashed its
 * domain; or a resume, which wakes twice, once for the vCPU and once for the
 * domain, unless one of them is held by something else (F2.26).
 */
const overAfter =
  (twice: boolean): Rule =>
  (c) => {
    const left = only(c) | only(c & ~HOLD.down) | only(c | HOLD.shutdown);
    const resumes = twice || (c & BESIDE) !== 0;
    return resumes ? left | only(c & ~HOLD.shutdown) : left;
  };
const overAfterOne = onSets(overAfter(false));
const overAfterTwo = onSets(overAfter(true));

/** The possibilities behind a domctl that put it to sleep and woke it, once or more often. */
export const pausedAndWoken = (before: Holds, wakes: number): Holds =>
  wakes === 1 ? overAfterOne(before) : overAfterTwo(before);

/** Is this hold there in every possibility? */
export const surely = (holds: Holds, hold: number): boolean => {
  for (let c = 0; c < COMBINATIONS; c++)
    if ((holds & only(c)) !== 0 && (c & hold) === 0) return false;
  return holds !== 0;
};
