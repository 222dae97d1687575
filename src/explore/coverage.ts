/**
 * Which parts of the chart an exploration came through. Every answer is
 * learned on a reached state, so that marking at learning loses nothing.
 */
import type { Chart } from './chart.ts';
import type { StateNode, Transition } from './xstate.ts';

/** What part of the chart was reached. */
export interface CoverageReport {
  readonly states: {
    readonly total: number;
    readonly reached: number;
    readonly missed: readonly string[];
  };
  readonly transitions: {
    readonly total: number;
    readonly taken: number;
    readonly missed: readonly string[];
  };
  readonly guards: {
    readonly outcomes: number;
    readonly seen: number;
    readonly missed: readonly string[];
  };
}

const TAKEN = 1;
const PASSED = 2;
const FAILED = 4;

export class Coverage {
  private readonly chart: Chart;
  /** Per transition: TAKEN, PASSED and FAILED. */
  readonly marks: Uint8Array;
  /** Per node in document order: 1 if it was active in a state. */
  readonly nodes: Uint8Array;

  constructor(chart: Chart) {
    this.chart = chart;
    this.marks = new Uint8Array(chart.transitions.length);
    this.nodes = new Uint8Array(chart.nodes.length);
  }

  /** A transition was taken. */
  took(transition: number | undefined): void {
    if (transition !== undefined) this.mark(transition, TAKEN);
  }

  /** Candidates were asked in order until `found`, or all in vain. */
  asked(candidates: readonly Transition[], found: number): void {
    for (const candidate of candidates) {
      const number = this.chart.numberOf.get(candidate) as number;
      if (candidate.guard !== undefined) this.mark(number, number === found ? PASSED : FAILED);
      if (number === found) return;
    }
  }

  /** These nodes were active in a state. */
  entered(nodes: readonly StateNode[]): void {
    for (const node of nodes) this.nodes[node.order] = 1;
  }

  /** What another search of the same chart came through, too. */
  add(marks: Uint8Array, nodes: Uint8Array): void {
    for (const [i, mark] of marks.entries()) this.mark(i, mark);
    for (const [i, node] of nodes.entries()) if (node !== 0) this.nodes[i] = 1;
  }

  /** What was reached and what was not. */
  report(): CoverageReport {
    const { chart } = this;
    const nodes = chart.nodes.filter((node) => node.type !== 'history');
    const missedNodes = nodes.filter((node) => this.nodes[node.order] === 0);
    const missedTransitions: string[] = [];
    const missedGuards: string[] = [];
    let outcomes = 0;
    for (const [i, transition] of chart.transitions.entries()) {
      const mark = this.marks[i] as number;
      const place = placeOf(chart, transition);
      if ((mark & TAKEN) === 0) missedTransitions.push(place);
      if (transition.guard === undefined) continue;
      outcomes += 2;
      if ((mark & PASSED) === 0) missedGuards.push(`${place} passed`);
      if ((mark & FAILED) === 0) missedGuards.push(`${place} failed`);
    }
    const total = chart.transitions.length;
    return {
      states: {
        total: nodes.length,
        reached: nodes.length - missedNodes.length,
        missed: missedNodes.map((node) => `#${node.id}`),
      },
      transitions: {
        total,
        taken: total - missedTransitions.length,
        missed: missedTransitions,
      },
      guards: { outcomes, seen: outcomes - missedGuards.length, missed: missedGuards },
    };
  }

  private mark(transition: number, bit: number): void {
    this.marks[transition] = (this.marks[transition] as number) | bit;
  }
}

function placeOf(chart: Chart, transition: Transition): string {
  const { source, eventType } = transition;
  const siblings =
    eventType === '' ? alwaysOf(chart, transition) : source.transitions.get(eventType);
  const index = Math.max(0, siblings?.indexOf(transition) ?? 0);
  return `#${source.id} ${eventType === '' ? 'always' : `on ${eventType}`}[${index}]`;
}

function alwaysOf(chart: Chart, transition: Transition): Transition[] {
  return chart.transitions.filter((t) => t.source === transition.source && t.eventType === '');
}
