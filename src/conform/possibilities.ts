/**
 * What follows from what in one chart, without a host behind it: which of its
 * states are possible after what a trace tells. A record says little of the
 * host, so a guard's answer is yes, no or not known, and where it is not known
 * both ways are followed. A state that says something that is known not to
 * hold is impossible.
 *
 * Possible states are a number; what an event makes of that number is worked
 * out once and remembered, so that a long trace costs a look-up.
 */
import type { AnyChart } from '../world/chart.ts';
import {
  type Active,
  initialNodes,
  selected,
  type Tree,
  type TreeTransition,
  taken,
  treeOf,
} from '../world/tree.ts';
import { type Answers, type Choice, NOTHING, type Possible, SILENCE } from './choice.ts';
import { NO, UNKNOWN, YES } from './tri.ts';
import { answerOf, merged, uncounted, union, type Way } from './ways.ts';

interface Step {
  readonly to: Possible;
  /** Transitions that were surely taken, and those that may have been. */
  readonly surely: readonly number[];
  readonly maybe: readonly number[];
}

/** Steps that happen by themselves before a chart is taken to go in circles. */
export const MAX_STEPS = 64;
/** Sets of states remembered with what was taken on the way; beyond, that is let go. */
const MOST_KNOWN = 20_000;

/** What follows from what in one chart: the same whoever asks, so it is worked out once. */
export class Possibilities {
  readonly chart: AnyChart;
  readonly tree: Tree;
  readonly #ids = new Map<string, Possible>();
  readonly #ways: (readonly Way[])[] = [];
  readonly #steps: Map<number, Step>[] = [];
  readonly #starts = new Map<Answers, Possible>();
  readonly #events = new Map<Choice, number>();
  readonly #unions = new Map<number, Possible>();
  readonly #placeOf: ReadonlyMap<TreeTransition, number>;

  constructor(chart: AnyChart) {
    this.chart = chart;
    this.tree = treeOf(chart.machine);
    this.#placeOf = new Map(this.tree.transitions.map((t, i) => [t, i]));
  }

  /** Where an instance may stand when it is first heard of. */
  start(answers: Answers): Possible {
    const before = this.#starts.get(answers);
    if (before !== undefined) return before;
    const active = initialNodes(this.tree);
    const settled = this.#settle({ active, took: [], may: [] }, answers);
    const ways = merged(settled.filter((w) => this.#holds(w.active, answers)));
    const id = this.#idOf(ways.map(uncounted));
    this.#starts.set(answers, id);
    return id;
  }

  /** Where an instance may stand that is one of two, it is not known which. */
  union(a: Possible, b: Possible): Possible {
    if (a === b || b === NOTHING) return a;
    if (a === NOTHING) return b;
    const key = a * 2 ** 24 + b;
    const known = this.#unions.get(key);
    if (known !== undefined) return known;
    const made = this.#idOf(merged([...(this.#ways[a] ?? []), ...(this.#ways[b] ?? [])]));
    this.#unions.set(key, made);
    return made;
  }

  /** The possible states in words, the innermost ones: `alive.shutdown.up`. */
  statesOf(possible: Possible): readonly string[] {
    const ways = this.#ways[possible] ?? [];
    const leaves = new Set(
      ways.flatMap((w) => w.active.filter((n) => this.tree.nodes[n]?.children.length === 0)),
    );
    const own = this.chart.name.length + 1;
    return [...leaves].sort((a, b) => a - b).map((n) => this.tree.nodes[n]?.id.slice(own) ?? '');
  }

  /** What one of `events` makes of the possible states. */
  step(from: Possible, events: Choice, answers: Answers): Step {
    const event = this.#eventId(events);
    const key = answers.id * 4096 + event;
    const steps = this.#steps[from];
    const known = steps?.get(key);
    if (known !== undefined) return known;
    const made = this.#work(from, events, answers);
    if (steps === undefined) this.#steps[from] = new Map([[key, made]]);
    else steps.set(key, made);
    return made;
  }

  #eventId(events: Choice): number {
    const known = this.#events.get(events);
    if (known !== undefined) return known;
    this.#events.set(events, this.#events.size);
    return this.#events.size - 1;
  }

  #work(from: Possible, events: Choice, answers: Answers): Step {
    const all: Way[] = [];
    for (const one of events) {
      const event = typeof one === 'string' ? one : one.event;
      const behind =
        typeof one === 'string' ? answers : { ...answers, says: { ...answers.says, ...one.says } };
      for (const way of this.#ways[from] ?? []) {
        const after = event === SILENCE ? [way] : this.#take(way, event, behind);
        const settled = after.flatMap((w) => this.#settle(w, behind));
        all.push(...settled.filter((w) => this.#holds(w.active, behind)));
      }
    }
    const ways = merged(all);
    const [first] = ways;
    if (first === undefined) return { to: NOTHING, surely: [], maybe: [] };
    const surely = first.took.filter((t) => ways.every((w) => w.took.includes(t)));
    const maybe = union(ways.map((w) => w.may)).filter((t) => !surely.includes(t));
    const rest = ways.map(({ active, took }) => ({
      active,
      took: took.filter((t) => !surely.includes(t)),
      may: [],
    }));
    return { to: this.#idOf(rest), surely, maybe };
  }

  /** Every way in which the event can go on from one possibility. */
  #take(way: Way, event: string, answers: Answers): Way[] {
    return this.#branches((holds) => {
      const all = selected(this.tree, way.active, event, holds);
      return all.length === 0 ? way : this.#after(way, all);
    }, answers);
  }

  /** What then happens by itself. */
  #settle(way: Way, answers: Answers): Way[] {
    let open = [way];
    const done: Way[] = [];
    for (let n = 0; n < MAX_STEPS && open.length > 0; n++) {
      const next: Way[] = [];
      for (const w of open) {
        for (const after of this.#branches((holds) => {
          const all = selected(this.tree, w.active, null, holds);
          return all.length === 0 ? w : this.#after(w, all);
        }, answers))
          (after === w ? done : next).push(after);
      }
      open = merged(next);
    }
    return [...done, ...open];
  }

  #after(way: Way, all: readonly TreeTransition[]): Way {
    const places = all.map((t) => this.#placeOf.get(t) ?? 0);
    return {
      active: taken(this.tree, way.active, all),
      took: union([way.took, places]),
      may: union([way.may, places]),
    };
  }

  /** Runs `go` for each combination of answers to the guards that nobody knows the answer to. */
  #branches(go: (holds: (t: TreeTransition) => boolean) => Way, answers: Answers): Way[] {
    const found: Way[] = [];
    const open: ReadonlyMap<string, boolean>[] = [new Map()];
    for (let decided = open.pop(); decided !== undefined; decided = open.pop()) {
      const known = decided;
      const asked = new Map<string, boolean>();
      const holds = ({ guard }: TreeTransition): boolean => {
        if (guard === null) return true;
        const answer = answerOf(guard, answers);
        if (answer !== UNKNOWN) return answer === YES;
        const before = known.get(guard) ?? asked.get(guard);
        if (before !== undefined) return before;
        asked.set(guard, true);
        return true;
      };
      found.push(go(holds));
      // Each guard that was assumed to hold may as well not, the ones before it holding.
      const assumed = new Map(known);
      for (const guard of asked.keys()) {
        open.push(new Map(assumed).set(guard, false));
        assumed.set(guard, true);
      }
    }
    return found;
  }

  /** Does no active state say what is known not to hold? */
  #holds(active: Active, answers: Answers): boolean {
    return active.every((n) => {
      const says = this.tree.nodes[n]?.says;
      return says == null || answers.says[says] !== NO;
    });
  }

  #idOf(ways: readonly Way[]): Possible {
    if (ways.length === 0) return NOTHING;
    const key = ways.map((w) => `${w.active.join(',')}:${w.took.join(',')}`).join(';');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#ways.length >= MOST_KNOWN && ways.some((w) => w.took.length > 0)) {
      return this.#idOf(ways.map(uncounted));
    }
    const id = this.#ways.push(ways) - 1;
    this.#ids.set(key, id);
    return id;
  }
}

const known = new WeakMap<AnyChart, Possibilities>();

/** Those of a chart, the same for everybody who asks. */
export const possibilitiesOf = (chart: AnyChart): Possibilities => {
  const found = known.get(chart) ?? new Possibilities(chart);
  known.set(chart, found);
  return found;
};
