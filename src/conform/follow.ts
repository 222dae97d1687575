/**
 * A chart followed without a host: which states of each instance are possible,
 * and how often each transition was taken. When nothing is possible any more,
 * Xen did what the chart does not allow.
 */
import type { AnyChart } from '../world/chart.ts';
import type { Tree } from '../world/tree.ts';
import { type Answers, type Choice, NOTHING, type Possible } from './choice.ts';
import { MAX_STEPS, type Possibilities, possibilitiesOf } from './possibilities.ts';

/** Follows the instances of one chart, and counts the transitions that they take. */
export class ChartFollower {
  readonly chart: AnyChart;
  readonly tree: Tree;
  /** How often each transition was surely taken, by its place in the tree's list. */
  readonly seen: number[];
  /** How often it may have been taken. */
  readonly possible: number[];
  readonly #possibilities: Possibilities;

  constructor(chart: AnyChart) {
    this.chart = chart;
    this.#possibilities = possibilitiesOf(chart);
    this.tree = this.#possibilities.tree;
    this.seen = this.tree.transitions.map(() => 0);
    this.possible = this.tree.transitions.map(() => 0);
  }

  /** Where an instance may stand when it is first heard of. */
  start(answers: Answers): Possible {
    return this.#possibilities.start(answers);
  }

  /**
   * After one of `events` happened, it is not known which; `SILENCE` among
   * them: perhaps none. `answers` is what is known behind it. Counts what was
   * taken. `NOTHING`: no possibility of the chart allows it. `events` is the
   * same array for the same events: it is known by its identity.
   */
  step(from: Possible, events: Choice, answers: Answers): Possible {
    const step = this.#possibilities.step(from, events, answers);
    for (const t of step.surely) this.seen[t] = (this.seen[t] ?? 0) + 1;
    for (const t of step.maybe) this.possible[t] = (this.possible[t] ?? 0) + 1;
    return step.to;
  }

  /**
   * As `step`, any number of times: until no new state becomes possible.
   * `events` should hold `SILENCE`.
   */
  steps(from: Possible, events: Choice, answers: Answers): Possible {
    let at = from;
    for (let n = 0; n < MAX_STEPS; n++) {
      const next = this.step(at, events, answers);
      if (next === at || next === NOTHING) return next;
      at = next;
    }
    return at;
  }

  /** Where an instance may stand that is one of two, it is not known which. */
  union(a: Possible, b: Possible): Possible {
    return this.#possibilities.union(a, b);
  }

  /** The possible states in words, the innermost ones: `alive.shutdown.up`. */
  statesOf(possible: Possible): readonly string[] {
    return this.#possibilities.statesOf(possible);
  }
}
