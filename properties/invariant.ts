/**
 * What an invariant is: an id, a title of one line, what it says and why,
 * its sources, and one or more functions that look at a host, at an update,
 * or at each of its steps, and name what offends.
 *
 * One file in `invariants/` with one default export is all it takes to add
 * one: the registry reads the folder.
 */
import type { Design } from '../src/design/design.ts';
import type { XenVersion } from '../src/design/versions.ts';
import type { Host } from '../src/host/host.ts';

/** Something that breaks an invariant: where ("d3 port 7"), and what is wrong there. */
export interface Offender {
  readonly where: string;
  readonly what: string;
}

/** Over how many objects it was evaluated, and which of them offend. */
export interface Verdict {
  readonly checked: number;
  /** The first of them, as many as are worth reading. */
  readonly offenders: readonly Offender[];
  /** How many more there are; absent: none. */
  readonly unlisted?: number;
}

/** An update from before the trigger to after the resume, as its invariants see it. */
export interface UpdateEvidence {
  readonly design: Design;
  readonly from: XenVersion;
  readonly to: XenVersion;
  /** Before the trigger. */
  readonly before: Host;
  /** At the save: everything is parked, nothing saved yet. */
  readonly saved: Host;
  /** After the resume, under xen#2; after a crash as far as xen#2 had come. */
  readonly after: Host;
  readonly outcome: 'resumed' | 'crashed';
}

/** A step of the update: the event's name and the host that it led to. */
export interface Step {
  /** `start`: no event, but where everything begins. */
  readonly type: string;
  readonly domid: number | null;
  readonly host: Host;
  /** Where the update stands after it. */
  readonly phase: Phase;
}

/** Order of the phases of an update; from 'jumped' on there is no way back. */
export const PHASES = [
  'idle',
  'quiescing',
  'saving',
  'jumped',
  'restoring',
  'verified',
  'resumed',
] as const;
export type Phase = (typeof PHASES)[number];

/** Watches the steps of one update and says at its end what it saw. */
export interface Watcher {
  readonly see: (step: Step) => void;
  readonly verdict: () => Verdict;
}

/** An update that is under way and waits for the host to come to rest. */
export interface Waiting {
  readonly design: Design;
  readonly host: Host;
  readonly waitsFor: readonly { readonly where: string; readonly what: string }[];
  /** Nothing that anybody could still do leads to the save, or to a refusal with a reason. */
  readonly forEver: boolean;
}

/** An update that was given up before the point of no return. */
export interface Refusal {
  readonly design: Design;
  readonly before: Host;
  /** The host before, with the deferred work done that quiescing let happen. */
  readonly calm: Host;
  /** xen#1 as it runs on. */
  readonly after: Host;
  readonly reasons: readonly string[];
}

export interface Invariant {
  readonly id: string;
  /** One line, at most 60 characters. */
  readonly title: string;
  readonly says: string;
  readonly why: string;
  readonly sources: readonly string[];
  /** Must hold of every host at rest: before the trigger and after the resume. */
  readonly host?: (host: Host, version: XenVersion) => Verdict;
  /** Must hold at the save. */
  readonly saved?: (host: Host, version: XenVersion) => Verdict;
  /** Compares before and after. */
  readonly update?: (evidence: UpdateEvidence) => Verdict;
  /** Says something even of an update that xen#2 ended by a crash. */
  readonly afterCrash?: boolean;
  /** Must hold of every update that quiesces. */
  readonly waiting?: (waiting: Waiting) => Verdict;
  /** Must hold of every update that was refused, cancelled or failed. */
  readonly refused?: (refusal: Refusal) => Verdict;
  /** Looks at each step. */
  readonly watch?: (design: Design) => Watcher;
}

/** An invariant as its file exports it: the compiler checks it, nothing is changed. */
export const invariant = (i: Invariant): Invariant => i;
