/** What a chart is once it has a place for everything: no layout here, so browsers need none. */
import type { ChartModel, ChartState } from './chart-model.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** An arrow: all transitions from one state to another, a line of text each. */
export interface Arrow {
  readonly source: string;
  readonly target: string;
  /** Indices into the transitions of the chart; none: the mark of an initial state. */
  readonly transitions: readonly number[];
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Where its text begins, top left; null without text. */
  readonly label: Box | null;
}

export interface LaidOutChart extends ChartModel {
  readonly width: number;
  readonly height: number;
  /** By state id. */
  readonly boxes: Readonly<Record<string, Box>>;
  /** Marks of initial states. */
  readonly dots: readonly Box[];
  readonly arrows: readonly Arrow[];
  /** Lines inside a state: transitions that stay in it, by state id. */
  readonly inside: Readonly<Record<string, readonly number[]>>;
}

/** Pixels. */
export const SIZES = { title: 14, text: 11, line: 14, pad: 8, dot: 9 } as const;

/** Entry and exit actions as lines of a state. */
export const actionLines = (s: ChartState): string[] => [
  ...(s.entry.length === 0 ? [] : [`entry / ${s.entry.join(', ')}`]),
  ...(s.exit.length === 0 ? [] : [`exit / ${s.exit.join(', ')}`]),
];
