/**
 * Runs a machine's own function twice on the same state: once on a plain copy
 * of the context, once on the tracked one. The plain run is what XState would
 * have done; the tracked run tells what was read, and is believed only if it
 * came to the same.
 */
import type { Lent } from './lender.ts';
import { Fault, messageOf, Unexplorable } from './problem.ts';

/** A result, and whether the list of reads of the tracked run can be used. */
export interface Observation<T> {
  readonly value: T;
  readonly tracked: boolean;
}

/** How to run one function and what tells two results apart. */
export interface Subject<T> {
  /** Names the function in a report. */
  readonly place: string;
  /** A plain context for one run. */
  readonly context: () => Lent;
  readonly plain: (context: unknown) => T;
  readonly tracked: () => T;
  /** A text of a result's content. */
  readonly key: (value: T) => string;
  /** True if tracking is known not to help: the plain run is all there is. */
  readonly plainOnly: boolean;
  /** True: a tracked run that comes to an end is believed by itself. */
  readonly trusted?: boolean;
}

/** Where runs are sampled, one in so many is made both ways. */
export const SAMPLE = 16;

/** Runs `subject` both ways; throws a Fault if the function has no one result. */
export function observe<T>(subject: Subject<T>): Observation<T> {
  const { place, key } = subject;
  if (subject.trusted === true && !subject.plainOnly) {
    try {
      return { value: watched(place, subject.tracked), tracked: true };
    } catch (problem) {
      if (problem instanceof Unexplorable || typeof problem === 'symbol') throw problem;
      // Why it balks shows when it is run both ways.
    }
  }
  const first = watched(place, () => runPlain(subject));
  if (subject.plainOnly) return { value: first, tracked: false };
  const firstKey = key(first);
  let value: T;
  try {
    value = watched(place, subject.tracked);
    if (key(value) === firstKey) return { value, tracked: true };
  } catch (problem) {
    if (problem instanceof Unexplorable || typeof problem === 'symbol') throw problem;
    value = first;
  }
  const second = watched(place, () => runPlain(subject));
  if (key(second) !== firstKey) {
    throw new Fault('impure', place, 'gives another result when it is run again');
  }
  return { value: first, tracked: false };
}

function runPlain<T>(subject: Subject<T>): T {
  const { context, intact } = subject.context();
  const changes = () => new Fault('mutates', subject.place, 'changes the context in place');
  let value: T;
  try {
    value = subject.plain(context);
  } catch (problem) {
    throw problem instanceof TypeError && FROZEN.test(problem.message) ? changes() : problem;
  }
  if (!intact()) throw changes();
  return value;
}

/** What V8 says to code that changes what is frozen. */
const FROZEN = /read only property|not extensible|Cannot (?:delete|redefine) property/;

/** Runs `body`; a Fault if it asks for the time or for chance, or throws. */
function watched<T>(place: string, body: () => T): T {
  let asked = '';
  const { random } = Math;
  const RealDate = globalThis.Date;
  Math.random = () => {
    asked = 'Math.random';
    return random();
  };
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: []) => {
      if (args.length === 0) asked = 'the time';
      return Reflect.construct(target, args);
    },
    apply: (target, self, args: []) => {
      asked = 'the time';
      return Reflect.apply(target, self, args);
    },
    get: (target, property, receiver) => {
      if (property === 'now') asked = 'the time';
      return Reflect.get(target, property, receiver);
    },
  });
  try {
    return body();
  } catch (problem) {
    if (problem instanceof Unexplorable || problem instanceof Fault) throw problem;
    if (typeof problem === 'symbol') throw problem;
    throw new Fault('threw', place, messageOf(problem));
  } finally {
    Math.random = random;
    globalThis.Date = RealDate;
    if (asked !== '') {
      // Replaces a result that depends on chance, whether it was returned or thrown.
      reject(place, asked);
    }
  }
}

function reject(place: string, asked: string): never {
  throw new Fault('impure', place, `depends on ${asked}`);
}
