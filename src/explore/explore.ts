/** The way in: options to a search, and a search to a verdict. */
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { Engine, needsOrder } from './engine.ts';
import { judgeLiveness } from './liveness.ts';
import type { ExploreOptions, Predicate } from './options.ts';
import { Question, type StateView } from './predicates.ts';
import { Fault, messageOf, type Refusal, Unexplorable } from './problem.ts';
import { refusalsOf } from './refuse.ts';
import type { Broken, Exploration, Report } from './result.ts';
import { type Bounds, Search, type Stop, type Watch } from './search.ts';
import { normaliserOf } from './symmetry.ts';
import { pathTo, traceAlong } from './trace.ts';
import { canonical } from './values.ts';
import { type EventObject, isMachine, type Machine } from './xstate.ts';

/** States between two pauses, if nothing else is asked for. */
const EVERY = 65_536;

/** With a clock, the first pause comes after so many states. */
const EVERY_AT_FIRST = 64;

/** Milliseconds between two pauses that are aimed at, where there is a clock. */
const PACE = 50;

/** Two bad ideas in one number are refused: it must be a whole one, 1 or more. */
function count(value: number | undefined, name: string, refusals: Refusal[]): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (!(value >= 1)) refusals.push({ place: `options.${name}`, reason: 'must be 1 or more' });
  return value;
}

/** One exploration, from options to verdict. */
export class Exploring {
  private readonly options: ExploreOptions;
  private readonly machine: Machine;
  private readonly started: number;
  private readonly whole: boolean;
  private engine: Engine | undefined;
  private search: Search | undefined;
  private invariants: Question<boolean>[] = [];
  private witnesses: Question<boolean>[] = [];
  private readonly witnessed = new Set<number>();

  /** @param whole learn each event's whole step, however many cases it has */
  constructor(machine: unknown, options: ExploreOptions, whole = false) {
    this.whole = whole;
    this.machine = machine as Machine;
    this.options = options;
    this.started = options.clock?.() ?? 0;
  }

  /** Runs to a verdict, pausing now and then. Never throws. */
  *run(): Generator<void, Exploration> {
    const refusals: Refusal[] = [];
    const bounds: Bounds = {
      maxStates: count(this.options.maxStates, 'maxStates', refusals),
      maxBytes: count(this.options.maxMemory, 'maxMemory', refusals),
      every: Math.min(count(this.options.progressEvery, 'progressEvery', refusals), EVERY),
    };
    if (this.options.clock !== undefined) bounds.every = Math.min(bounds.every, EVERY_AT_FIRST);
    if (!isMachine(this.machine)) {
      refusals.push({ place: 'machine', reason: 'is no XState v5 machine' });
    } else {
      refusals.push(...refusalsOf(this.machine));
    }
    if (this.options.symmetry !== undefined && this.promises) {
      const reason = 'keeps no runs apart: not to be used with eventually or leadsTo';
      refusals.push({ place: 'options.symmetry', reason });
    }
    if (refusals.length > 0) return { ...this.report(), verdict: 'refused', refusals };
    for (const keepOrder of [false, true]) {
      try {
        const search = this.prepare(keepOrder);
        const stop = yield* this.drive(search, bounds);
        if (stop === 'aborted') return this.incomplete('aborted');
        return yield* this.unlessAborted(this.judge(search, stop));
      } catch (problem) {
        if (problem !== needsOrder) return this.failed(problem);
      }
    }
    return this.failed(needsOrder);
  }

  /**
   * After a complete search: goes through all states once more, so that each
   * case of each step and of each invariant is in its tree.
   *
   * @returns undefined if there is a step that has no tree
   */
  know(always: NonNullable<ExploreOptions['always']>) {
    const { engine, search } = this;
    if (engine === undefined || search === undefined) return undefined;
    const invariants = Object.entries(always).map(
      ([name, predicate]) =>
        new Question(engine, name, (state) => predicate(state) === true, String),
    );
    for (let state = 0; state < search.store.count; state++) {
      search.fit(state);
      for (const number of search.watch.offered(search.v)) engine.knows(search.v, number);
      for (const question of invariants) question.of(search.v);
    }
    const tabulated =
      engine.moves.every((memo, number) => memo.leaves > 0 || number >= engine.fixedEvents) &&
      !engine.untabulated &&
      invariants.every((question) => question.tabulated);
    const { moves } = engine;
    return tabulated && engine.fixedEvents > 0 ? { search, moves, invariants } : undefined;
  }

  private get promises(): boolean {
    const { eventually = {}, leadsTo = {} } = this.options;
    return Object.keys({ ...eventually, ...leadsTo }).length > 0;
  }

  private prepare(keepOrder: boolean): Search {
    const { options } = this;
    this.witnessed.clear();
    const engine = new Engine(this.machine, keepOrder, this.whole);
    this.engine = engine;
    const first = engine.start(options.input);
    const ask = (name: string, predicate: Predicate) =>
      new Question(engine, name, (state) => predicate(state) === true, String);
    const always = Object.entries(options.always ?? {});
    const sometimes = Object.entries(options.sometimes ?? {});
    this.invariants = always.map(([name, predicate]) => ask(name, predicate));
    this.witnesses = sometimes.map(([name, predicate]) => ask(name, predicate));
    const watch: Watch = {
      offered: this.offer(engine),
      broken: (v) => this.broken(v),
      deadlock: options.deadlock === true,
      stopWhenDone: options.stopWhenDone === true,
      normalise: options.symmetry && normaliserOf(engine, options.symmetry),
    };
    const search = new Search(engine, first, watch);
    this.search = search;
    if (options.resume !== undefined) {
      for (const i of loadCheckpoint(search, options.resume)) this.witnessed.add(i);
    }
    return search;
  }

  /** Numbers of the events offered in a state. */
  private offer(engine: Engine): (v: Int32Array) => Int32Array {
    const { events } = this.options;
    const number = (list: readonly EventObject[]) =>
      Int32Array.from(new Set(list.map((event) => engine.numberOf(event))));
    if (typeof events === 'function') {
      const listed = (view: StateView) => events(view) as readonly EventObject[];
      const key = (list: readonly EventObject[]) => canonical(list, 'options.events');
      const question = new Question(engine, 'options.events', listed, key);
      const numbers = new Map<readonly EventObject[], Int32Array>();
      return (v) => {
        const list = question.of(v);
        let known = numbers.get(list);
        if (known === undefined) {
          known = number(list.map((event) => engine.context.plainOf(event) as EventObject));
          numbers.set(list, known);
        }
        return known;
      };
    }
    const bare = this.machine.events.filter((type) => !/\*$|^xstate\./.test(type));
    const all = number((events ?? bare.map((type) => ({ type }))) as readonly EventObject[]);
    engine.fixedEvents = engine.events.length;
    return () => all;
  }

  private broken(v: Int32Array): number {
    const { witnesses, witnessed, invariants } = this;
    if (witnessed.size < witnesses.length) {
      for (let i = 0; i < witnesses.length; i++) {
        if (!witnessed.has(i) && witnesses[i]?.of(v) === true) witnessed.add(i);
      }
    }
    for (let i = 0; i < invariants.length; i++) if (invariants[i]?.of(v) !== true) return i;
    return -1;
  }

  /** Searches until something stops it, reporting as it goes. */
  private *drive(search: Search, bounds: Bounds): Generator<void, Stop | 'aborted'> {
    const { onProgress, clock, progressEvery = EVERY } = this.options;
    const most = Math.min(progressEvery, EVERY);
    let due = progressEvery;
    let before = clock?.() ?? 0;
    const run = search.run(bounds);
    for (;;) {
      if (this.aborted) return 'aborted';
      const { every } = bounds;
      const step = run.next();
      if (step.done === true) return step.value;
      due -= every;
      if (clock !== undefined) {
        const now = clock();
        if (now - before < PACE / 2) bounds.every = Math.min(2 * every, most);
        else if (now - before > 2 * PACE) bounds.every = Math.max(1, every >> 1);
        before = now;
      }
      if (due <= 0 || (clock !== undefined && this.options.progressEvery === undefined)) {
        due = progressEvery;
        onProgress?.({ ...search.progress, ...this.seconds() });
      }
      yield;
    }
  }

  private get aborted(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** Goes on with `run` as long as nobody ends it. */
  private *unlessAborted(run: Generator<void, Exploration>): Generator<void, Exploration> {
    for (;;) {
      const step = run.next();
      if (step.done === true) return step.value;
      if (this.aborted) return this.incomplete('aborted');
      yield;
    }
  }

  private *judge(search: Search, stop: Stop): Generator<void, Exploration> {
    switch (stop.kind) {
      case 'limit':
        return this.incomplete(stop.reason);
      case 'deadlock':
        return this.violated({ kind: 'deadlock', name: 'deadlock' }, search, stop.state);
      case 'found': {
        const name = this.invariants[stop.property]?.name ?? '';
        return this.violated({ kind: 'always', name }, search, stop.state);
      }
      default:
    }
    for (const [i, { name }] of this.witnesses.entries()) {
      if (!this.witnessed.has(i)) {
        const property: Broken = { kind: 'sometimes', name };
        return { ...this.report(), verdict: 'violated', property };
      }
    }
    const counterexample = yield* judgeLiveness(search, this.options);
    if (counterexample === undefined) return { ...this.report(), verdict: 'holds' };
    const { property, path, loop, via } = counterexample;
    const trace = traceAlong(search, path, loop, via);
    return { ...this.report(), verdict: 'violated', property, trace };
  }

  private violated(property: Broken, search: Search, state: number): Exploration {
    const trace = traceAlong(search, pathTo(search, state));
    return { ...this.report(), verdict: 'violated', property, trace };
  }

  private incomplete(reason: 'max-states' | 'max-memory' | 'aborted'): Exploration {
    const { search } = this;
    const checkpoint =
      search === undefined ? new Uint8Array(0) : saveCheckpoint(search, [...this.witnessed]);
    return { ...this.report(), verdict: 'incomplete', reason, checkpoint };
  }

  private failed(problem: unknown): Exploration {
    if (problem instanceof Unexplorable) {
      return { ...this.report(), verdict: 'refused', refusals: [problem.refusal] };
    }
    const fault =
      problem instanceof Fault
        ? { kind: problem.kind, place: problem.place, message: problem.message }
        : { kind: 'internal' as const, place: 'explorer', message: messageOf(problem) };
    const { search } = this;
    const error = { ...this.report(), verdict: 'error', fault } as const;
    if (search === undefined || search.next >= search.store.count) return error;
    try {
      return { ...error, trace: traceAlong(search, pathTo(search, search.next)) };
    } catch {
      // The fault strikes on the way as well; the verdict stands without a trace.
      return error;
    }
  }

  private report(): Report {
    const { search, options } = this;
    const states = search?.store.count ?? 0;
    const { offered = 0, taken = 0, moved = 0, depth = 0 } = search ?? {};
    const none = { total: 0, missed: [] };
    return {
      states,
      transitions: taken,
      edges: { offered, taken, moved },
      depth,
      coverage: this.engine?.control.coverage.report() ?? {
        states: { ...none, reached: 0 },
        transitions: { ...none, taken: 0 },
        guards: { outcomes: 0, seen: 0, missed: [] },
      },
      bytesPerState: states === 0 ? 0 : (search?.store.bytes ?? 0) / states,
      reductions: [...(options.symmetry === undefined ? [] : ['symmetry' as const])],
      ...this.seconds(),
    };
  }

  private seconds(): { seconds?: number } {
    const { clock } = this.options;
    return clock === undefined ? {} : { seconds: (clock() - this.started) / 1000 };
  }
}
