/** The result of one check, as it is reported: in words, or as JSON. */
import type { Place } from '../xen/capture/reading.ts';
import type { Assumption } from '../xen/complete/assumptions.ts';

export type CheckVerdict = 'holds' | 'violated' | 'refused';

export interface HostSummary {
  readonly domains: number;
  readonly vcpus: number;
  /** Ordinary pages of all domains: the sum of nr_pages. */
  readonly pages: number;
  readonly grantsActive: number;
  readonly grantMappings: number;
  readonly eventChannels: number;
  readonly interdomainPairs: number;
}

export interface CheckStep {
  readonly n: number;
  readonly type: string;
  readonly domid?: number;
  /** What it was about, in words. */
  readonly text: string;
  readonly phase: string;
}

export interface InvariantResult {
  readonly id: string;
  readonly title: string;
  readonly holds: boolean;
  /** Over how many objects it was evaluated. */
  readonly checked: number;
  readonly detail?: readonly string[];
}

/** Where an update went wrong: the step, and what offends. */
export interface Counterexample {
  /** Ids of the invariants broken, or none for a crash of xen#2. */
  readonly invariants: readonly string[];
  /** Number of the step at which it shows. */
  readonly step: number;
  readonly what: readonly string[];
}

/** Two sources that disagree, or something that was put right while reading. */
export interface Remark {
  readonly text: string;
  readonly places: readonly Place[];
}

export interface CheckResult {
  readonly capture: string;
  readonly from: string;
  readonly to: string;
  readonly verdict: CheckVerdict;
  readonly host: HostSummary;
  /** Files and lines that the host was read from. */
  readonly read: readonly string[];
  readonly repaired: readonly Remark[];
  readonly contradictions: readonly Remark[];
  readonly assumed: readonly Assumption[];
  readonly steps: readonly CheckStep[];
  readonly invariants: readonly InvariantResult[];
  /** Why the update was refused. */
  readonly refusals: readonly string[];
  readonly counterexample?: Counterexample;
}

/** Why a capture could not be checked; one line for each problem, with a hint. */
export interface BadInput {
  readonly capture: string;
  readonly problems: readonly {
    readonly place: string;
    readonly what: string;
    readonly hint: string;
  }[];
  /** Problems beyond those listed. */
  readonly omitted: number;
}

/** Bad input for one reason, which concerns the whole of it. */
export const oneProblem = (capture: string, what: string, hint = ''): BadInput => ({
  capture,
  omitted: 0,
  problems: [{ place: capture, what, hint }],
});
