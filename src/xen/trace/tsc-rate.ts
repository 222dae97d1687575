/**
 * How fast the TSC counts, from the trace itself: SWITCH_INFPREV says for how
 * many ns a unit ran, and the TSCs of the switches to it and away from it say
 * how many cycles that were. The median forgives runs that were counted
 * differently (interrupts, the 32-bit ns of runs over 4 s).
 */
import { vcpuKey } from './context.ts';
import { SCHED_SWITCH_INFNEXT, SCHED_SWITCH_INFPREV } from './events/sched.ts';
import { type TraceRecord, tscOf } from './record.ts';
import { differenceOf, type U64 } from './u64.ts';

/** Shorter runs are mostly the scheduler's own time. */
const SHORTEST_RUN_NS = 100_000;
const FEWEST_SAMPLES = 15;
const MOST_SAMPLES = 1023;

interface Run {
  readonly unit: number;
  readonly since: U64;
}

/** Feed it each record, in order. Keeps at most 1023 samples, the first ones. */
export class TscRate {
  readonly #runs: (Run | undefined)[] = [];
  readonly #samples: number[] = [];
  #median: number | undefined;
  #medianOf = 0;

  observe(record: TraceRecord): void {
    const { event, cpu } = record;
    if (event === SCHED_SWITCH_INFNEXT) this.#begin(record);
    else if (event === SCHED_SWITCH_INFPREV) {
      this.#finish(record, this.#runs[cpu]);
      this.#runs[cpu] = undefined;
    }
  }

  /** TSC cycles per microsecond (MHz); `undefined` with fewer than 15 samples. */
  get cyclesPerUs(): number | undefined {
    const count = this.#samples.length;
    if (count < FEWEST_SAMPLES) return undefined;
    // Refreshed when the samples have doubled: a median costs a sort.
    if (this.#median === undefined || count >= 2 * this.#medianOf || count === MOST_SAMPLES) {
      if (count !== this.#medianOf) {
        this.#median = [...this.#samples].sort((a, b) => a - b)[count >> 1];
        this.#medianOf = count;
      }
    }
    return this.#median;
  }

  #begin(record: TraceRecord): void {
    if (this.#samples.length >= MOST_SAMPLES) return;
    const unit = vcpuKey(record.word(0), record.word(1));
    this.#runs[record.cpu] = { unit, since: tscOf(record) };
  }

  #finish(record: TraceRecord, run: Run | undefined): void {
    const ns = record.word(2);
    if (run === undefined || ns < SHORTEST_RUN_NS) return;
    if (run.unit !== vcpuKey(record.word(0), record.word(1))) return;
    this.#samples.push((differenceOf(tscOf(record), run.since) * 1000) / ns);
  }
}
