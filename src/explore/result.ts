/** What an exploration found. */
import type { CoverageReport } from './coverage.ts';
import type { FaultKind, Refusal } from './problem.ts';
import type { Trace } from './trace.ts';

/** The property that does not hold. */
export interface Broken {
  readonly kind: 'always' | 'sometimes' | 'eventually' | 'leadsTo' | 'deadlock';
  readonly name: string;
}

/** What was done, whatever the verdict. */
export interface Report {
  /** Distinct states: value, context, remembered history, status and output. */
  readonly states: number;
  /** Pairs of state and event in which the machine takes a transition. */
  readonly transitions: number;
  readonly edges: {
    /** Pairs of state and event that were tried. */
    readonly offered: number;
    /** The same as `transitions`. */
    readonly taken: number;
    /** Of these, the ones that led to another state. */
    readonly moved: number;
  };
  /** Steps of a shortest way to the state that is farthest off. */
  readonly depth: number;
  readonly coverage: CoverageReport;
  /** Bytes allocated for the states, their parents and their table, a state. */
  readonly bytesPerState: number;
  /** The reductions in force. */
  readonly reductions: readonly ('symmetry' | 'por')[];
  /** Threads that searched. */
  readonly workers: number;
  /** Present if a clock was given. */
  readonly seconds?: number;
}

/** An exploration and its verdict. */
export type Exploration =
  | (Report & { readonly verdict: 'holds' })
  | (Report & {
      readonly verdict: 'violated';
      readonly property: Broken;
      /** Absent for `sometimes`: no state shows that there is none. */
      readonly trace?: Trace;
    })
  | (Report & {
      readonly verdict: 'incomplete';
      readonly reason: 'max-states' | 'max-memory' | 'aborted';
      /** Give it to `resume` to go on; empty under partial-order reduction. */
      readonly checkpoint: Uint8Array;
    })
  | (Report & {
      readonly verdict: 'error';
      readonly fault: {
        readonly kind: FaultKind;
        readonly place: string;
        readonly message: string;
      };
      /** The way to the state in which it happened. */
      readonly trace?: Trace;
    })
  | (Report & { readonly verdict: 'refused'; readonly refusals: readonly Refusal[] });
