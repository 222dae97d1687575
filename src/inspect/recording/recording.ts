/**
 * A recording: everything that the page needs to play a run, as plain JSON.
 * It is made in Node from a trace (`record-trace.ts`); the page only plays.
 * Types alone, so that both sides may import them.
 *
 * A step holds what it changed, not what is: a run of ten thousand steps is
 * small, and any moment is reached by applying or undoing changes.
 */
import type { LaidOutChart } from '../../report/chart-drawing.ts';

export const RECORDING_FORMAT = 'xen-lu-recording';

/** A value as it is shown. */
export type Cell = string | number | boolean;
/** An object of the host, field by field in the words of Xen. */
export type Row = Readonly<Record<string, Cell>>;

/** What the view of a host is divided into; rows are named as in every report ("d1v0"). */
export const TABLES = [
  'host',
  'domains',
  'vcpus',
  'tasklets',
  'requests',
  'ports',
  'grants',
  'handles',
  'pages',
] as const;
export type TableName = (typeof TABLES)[number];
export type HostView = Readonly<Record<TableName, Readonly<Record<string, Row>>>>;

/** Fields that changed; null: the field is gone. */
export type RowChange = Readonly<Record<string, Cell | null>>;
/** Rows that changed; null: the row is gone. */
export type ViewChange = Readonly<
  Partial<Record<TableName, Readonly<Record<string, RowChange | null>>>>
>;

/** Frames [start, start + count) and what they are: an index into `kinds`. */
export type Run = readonly [start: number, count: number, kind: number];
/** `remove` runs from index `at` on give way to `insert`. */
export interface RunChange {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly Run[];
}
/**
 * Layers of the memory map: to whom a frame belongs, what xen#2 may write,
 * what it wrote. All runs are sorted and disjoint; gaps are nobody's.
 */
export const LAYERS = ['use', 'may', 'wrote'] as const;
export type Layer = (typeof LAYERS)[number];

/** What a run of frames is. */
export interface FrameKind {
  readonly name: string;
  /** Colour group of the page. */
  readonly tone: 'xen' | 'bootmem' | 'stream' | 'm2p' | 'iommu' | 'domain' | 'free' | 'reserved';
  readonly domid?: number;
}

/** How a lane or a moment of it is coloured. */
export type Tone = 'run' | 'wait' | 'stop' | 'work' | 'bad' | 'gone';
/** From this step on (0: the start) the lane is in this state. */
export type Span = readonly [step: number, label: string, tone: Tone];
export interface Lane {
  readonly name: string;
  readonly kind: 'update' | 'domain' | 'vcpu' | 'tasklet';
  readonly spans: readonly Span[];
}

/** What an invariant said after a step. */
export interface Said {
  /** Index into `invariants`. */
  readonly of: number;
  readonly holds: boolean;
  readonly checked: number;
  readonly detail?: readonly string[];
}

/** The active states of a chart that changed in a step; `of` is an index into `follows`. */
export interface Move {
  readonly of: number;
  readonly active: readonly string[];
}

export interface RecordedStep {
  /** In words. */
  readonly text: string;
  /** Name of the event and its fields. */
  readonly event: string;
  readonly domid?: number;
  /** Whose step it was: the update's own, or something that happened to it. */
  readonly by: 'start' | 'update' | 'others';
  /** Where the update stands after it. */
  readonly phase: string;
  /** Nothing took the event: it changed nothing. */
  readonly ignored?: boolean;
  readonly view: ViewChange;
  readonly memory?: Readonly<Partial<Record<Layer, RunChange>>>;
  readonly moves: readonly Move[];
  readonly said: readonly Said[];
}

export interface RecordedInvariant {
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly why: string;
  readonly sources: readonly string[];
}

/** A rule that was dropped, a question that was answered otherwise, or a bug that was put in, in words. */
export interface Fault {
  readonly id: string;
  readonly kind: 'rule' | 'answer' | 'bug';
  /** The rule, the question, or what the bug does. */
  readonly text: string;
  /** For an answer: the one given, and the default. */
  readonly given?: string;
  readonly instead?: string;
  readonly sources: readonly string[];
}

/** Where the run first differs from what the full design would have done. */
export interface Divergence {
  readonly step: number;
  /** The full design does not allow the step, or does something else in it. */
  readonly kind: 'forbids' | 'differs';
  readonly lines: readonly string[];
}

/** An object that offends, and each step that changed it. */
export interface Trail {
  readonly table: TableName;
  readonly row: string;
  readonly steps: readonly { readonly step: number; readonly text: string }[];
}

/** What a capture gave, what was put right, and what had to be assumed. */
export interface CaptureFacts {
  readonly read: readonly string[];
  readonly repaired: readonly string[];
  readonly contradictions: readonly string[];
  readonly assumed: readonly {
    readonly text: string;
    readonly count?: number;
    readonly where?: readonly number[];
  }[];
  readonly domains: readonly { readonly domid: number; readonly text: string }[];
}

/** The run in words, for somebody who knows nothing of it. */
export interface Story {
  readonly title: string;
  /** What was tried, a paragraph each. */
  readonly tried: readonly string[];
  /** Ids that it rests on. */
  readonly sources: readonly string[];
  readonly faults: readonly Fault[];
  readonly verdict: 'holds' | 'violated' | 'refused' | 'unfinished';
  readonly outcome: string;
  /** Ids of what broke, the one that the run is about first. */
  readonly broken: readonly string[];
  /** The step at which it shows; null: nothing broke. */
  readonly at: number | null;
  readonly offenders: readonly string[];
  readonly divergence: Divergence | null;
  readonly trails: readonly Trail[];
  /** How to see the same on the command line. */
  readonly commands: readonly string[];
}

export interface Recording {
  readonly format: typeof RECORDING_FORMAT;
  readonly version: 1;
  readonly story: Story;
  readonly from: string;
  readonly to: string;
  readonly frames: number;
  readonly kinds: readonly FrameKind[];
  readonly charts: readonly LaidOutChart[];
  /** Charts that this run moves: a name for each, and the chart's index. */
  readonly follows: readonly { readonly name: string; readonly chart: number }[];
  readonly start: HostView;
  readonly memory: Readonly<Record<Layer, readonly Run[]>>;
  /** steps[0] is the start: nothing happened yet. */
  readonly steps: readonly RecordedStep[];
  readonly lanes: readonly Lane[];
  /** The step that is the point of no return; null: the run never jumped. */
  readonly jump: number | null;
  readonly invariants: readonly RecordedInvariant[];
  /** Ids that are cited, in words. */
  readonly facts: Readonly<Record<string, string>>;
  readonly capture: CaptureFacts | null;
}
