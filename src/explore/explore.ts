/** The way in: options to a search, and a search to a verdict. */
import { saveCheckpoint } from './checkpoint.ts';
import { needsOrder } from './engine.ts';
import { judgeLiveness } from './liveness.ts';
import type { ExploreOptions } from './options.ts';
import { Question } from './predicates.ts';
import { type Learnt, type Prepared, prepare } from './prepare.ts';
import { Fault, messageOf, type Refusal, Unexplorable } from './problem.ts';
import { Reducer } from './reduce.ts';
import { refusalsOf } from './refuse.ts';
import type { Broken, Exploration, Report } from './result.ts';
import type { Bounds, Search, Stop } from './search.ts';
import { pathTo, traceAlong } from './trace.ts';
import { Crew } from './workers/crew.ts';
import type { Hire, Hiring } from './workers/hands.ts';
import { type Asked, askedOf } from './workers/join.ts';
import { isMachine, type Machine } from './xstate.ts';

/** States between two pauses, if nothing else is asked for. */
const EVERY = 65_536;

/** With a clock, the first pause comes after so many states. */
const EVERY_AT_FIRST = 64;

const MAX_WORKERS = 64;

/** Milliseconds between two pauses that are aimed at, where there is a clock. */
const PACE = 50;

/** Two bad ideas in one number are refused: it must be a whole one, 1 or more. */
function count(value: number | undefined, name: string, refusals: Refusal[]): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (!(value >= 1)) refusals.push({ place: `options.${name}`, reason: 'must be 1 or more' });
  return value;
}

/** Runs, and gives way now and then: with a promise, if there is something to wait for. */
type Pausing<T> = Generator<Promise<unknown> | undefined, T>;

/** What is not for users to choose. */
export interface Means {
  /** Learn each event's whole step, however many cases it has. */
  readonly whole?: boolean;
  /** How to get hands that work by code alone, and others that know the machine. */
  readonly lean?: Hire | undefined;
  readonly hire?: ((asked: Asked) => Hire) | undefined;
  /** How short a level is not worth it. */
  readonly small?: number;
  /** After how many states code is made of what was learned. */
  readonly calm?: number | undefined;
  /** What earlier searches of the same machine and properties learned. */
  readonly memory?: Map<string, Learnt>;
}

/** One exploration, from options to verdict. */
export class Exploring {
  private readonly options: ExploreOptions;
  private readonly machine: Machine;
  private readonly started: number;
  private readonly whole: boolean;
  private readonly hire: Means['hire'];
  private readonly lean: Means['lean'];
  private readonly small: number | undefined;
  private readonly calm: number | undefined;
  private readonly memory: Means['memory'];
  private prepared: Prepared | undefined;
  private crew: Crew | undefined;

  constructor(
    machine: unknown,
    options: ExploreOptions,
    { whole = false, hire, lean, small, calm, memory }: Means = {},
  ) {
    this.whole = whole;
    this.hire = hire;
    this.lean = lean;
    this.small = small;
    this.calm = calm;
    this.memory = memory;
    this.machine = machine as Machine;
    this.options = options;
    this.started = options.clock?.() ?? 0;
  }

  /** Runs to a verdict, pausing now and then. Never throws. */
  *run(): Pausing<Exploration> {
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
    const { workers } = this.options;
    if (workers !== undefined && !(workers >= 1 && workers <= MAX_WORKERS)) {
      refusals.push({ place: 'options.workers', reason: `must be 1 to ${MAX_WORKERS}` });
    } else if (workers !== undefined && workers > 1 && (this.hire ?? this.lean) === undefined) {
      const reason = 'several workers are for `explore`: `exploreSync` has one';
      refusals.push({ place: 'options.workers', reason });
    }
    if (this.reduced) refusals.push(...this.againstReduction());
    if (refusals.length > 0) return { ...this.report(), verdict: 'refused', refusals };
    const crews = this.options.workers !== undefined && this.options.workers > 1 ? [true] : [];
    for (const [keepOrder, together] of [
      ...crews.map((one) => [false, one] as const),
      [false, false] as const,
      [true, false] as const,
    ]) {
      try {
        return yield* this.attempt(keepOrder, together, bounds);
      } catch (problem) {
        if (problem !== needsOrder) return this.failed(problem);
      } finally {
        this.crew?.end();
      }
    }
    return this.failed(needsOrder);
  }

  /** @throws Fault, Unexplorable, needsOrder */
  private *attempt(keepOrder: boolean, together: boolean, bounds: Bounds): Pausing<Exploration> {
    this.prepared = undefined;
    this.crew = undefined;
    const { workers = 1 } = this.options;
    const knowing: Hire = (share) => {
      const { search } = this.prepared as Prepared;
      return (this.hire as NonNullable<Means['hire']>)(askedOf(search, this.options))(share);
    };
    const hiring: Hiring = { lean: this.lean, knowing: this.hire && knowing };
    const crew = together ? new Crew(workers, hiring, bounds.maxBytes, this.small) : undefined;
    if (keepOrder && this.reduced) {
      throw new Unexplorable('options.reductions', 'the order of entering matters in this machine');
    }
    const { calm, memory } = this;
    const manner = { keepOrder, whole: this.whole || this.reduced, calm, memory };
    const prepared = prepare(
      this.machine,
      this.options,
      crew === undefined ? manner : { ...manner, sharing: crew.sharing },
    );
    this.prepared = prepared;
    this.crew = crew;
    const { search } = prepared;
    const run = crew === undefined ? search.run(bounds) : crew.run(prepared, bounds);
    const stop = yield* this.reduced
      ? this.driveReduced(prepared, bounds)
      : this.drive(run, bounds);
    // What follows goes through all states in their order.
    if (stop.kind === 'limit' || stop.kind === 'halted' || this.promises) crew?.compact();
    if (stop.kind === 'halted') return this.incomplete('aborted');
    return yield* this.unlessAborted(this.judge(search, stop));
  }

  /**
   * After a complete search: goes through all states once more, so that each
   * case of each step and of each invariant is in its tree.
   *
   * @returns undefined if there is a step that has no tree
   */
  know(always: NonNullable<ExploreOptions['always']>) {
    if (this.prepared === undefined) return undefined;
    const { engine, search } = this.prepared;
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

  /** States expanded by code made of what was learned. */
  get coded(): number {
    return this.prepared?.search.coded ?? 0;
  }

  private get promises(): boolean {
    const { eventually = {}, leadsTo = {} } = this.options;
    return Object.keys({ ...eventually, ...leadsTo }).length > 0;
  }

  private get reduced(): boolean {
    return this.options.reductions?.includes('por') === true;
  }

  /** What cannot go with partial-order reduction. */
  private againstReduction(): Refusal[] {
    const { symmetry, resume, workers = 1, events } = this.options;
    const reasons = [
      this.promises ? 'keeps not all runs: not to be used with eventually or leadsTo' : '',
      symmetry === undefined ? '' : 'is not to be used with symmetry',
      resume === undefined ? '' : 'cannot go on from a checkpoint',
      workers > 1 ? 'has one worker' : '',
      typeof events === 'function' ? 'wants the events as a list' : '',
    ].filter((reason) => reason !== '');
    return reasons.map((reason) => ({ place: 'options.reductions', reason: `por ${reason}` }));
  }

  /** Searches again and again, until a whole search shows nothing new of what events touch. */
  private *driveReduced(prepared: Prepared, bounds: Bounds): Pausing<Stop> {
    const { search, invariants, witnesses, witnessed } = prepared;
    const reducer = new Reducer(() => [
      ...invariants,
      ...witnesses.filter((_, i) => !witnessed.has(i)),
    ]);
    for (;;) {
      const before = reducer.stamp(search);
      const stop = yield* this.drive(search.run(bounds, reducer), bounds);
      if (stop.kind !== 'complete' || before === reducer.stamp(search)) return stop;
      search.restart();
    }
  }

  /** Searches until something stops it, reporting as it goes. */
  private *drive(run: Pausing<Stop>, bounds: Bounds): Pausing<Stop> {
    const { onProgress, clock, progressEvery = EVERY } = this.options;
    const { crew } = this;
    const { search } = this.prepared as Prepared;
    const most = Math.min(progressEvery, EVERY);
    let due = progressEvery;
    let done = 0;
    let before = clock?.() ?? 0;
    for (;;) {
      if (this.aborted) {
        if (crew === undefined) return { kind: 'halted' };
        crew.halt();
      }
      const { every } = bounds;
      const step = run.next();
      if (step.done === true) return step.value;
      const expanded = crew?.expanded ?? done + every;
      due -= expanded - done;
      done = expanded;
      let paced = false;
      if (clock !== undefined) {
        const now = clock();
        if (now - before < PACE / 2) bounds.every = Math.min(2 * every, most);
        else if (now - before > 2 * PACE) bounds.every = Math.max(1, every >> 1);
        paced =
          this.options.progressEvery === undefined && (crew === undefined || now - before >= PACE);
        if (crew === undefined || paced) before = now;
      }
      if (due <= 0 || paced) {
        due = progressEvery;
        onProgress?.({ ...(crew?.progress ?? search.progress), ...this.seconds() });
      }
      yield step.value;
    }
  }

  private get aborted(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** Goes on with `run` as long as nobody ends it. */
  private *unlessAborted(run: Pausing<Exploration>): Pausing<Exploration> {
    for (;;) {
      const step = run.next();
      if (step.done === true) return step.value;
      if (this.aborted) return this.incomplete('aborted');
      yield undefined;
    }
  }

  private *judge(search: Search, stop: Stop): Pausing<Exploration> {
    switch (stop.kind) {
      case 'limit':
        return this.incomplete(stop.reason);
      case 'deadlock':
        return this.violated({ kind: 'deadlock', name: 'deadlock' }, search, stop.state);
      case 'found': {
        const name = this.prepared?.invariants[stop.property]?.name ?? '';
        return this.violated({ kind: 'always', name }, search, stop.state);
      }
      default:
    }
    const { witnesses, witnessed } = this.prepared as Prepared;
    for (const [i, { name }] of witnesses.entries()) {
      if (!witnessed.has(i)) {
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
    const { search, witnessed } = this.prepared as Prepared;
    const checkpoint = this.reduced
      ? new Uint8Array(0)
      : saveCheckpoint(search, [...witnessed], this.options.beside);
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
    const search = this.prepared?.search;
    const error = { ...this.report(), verdict: 'error', fault } as const;
    if (search === undefined || search.next >= search.store.parents.length) return error;
    try {
      return { ...error, trace: traceAlong(search, pathTo(search, search.next)) };
    } catch {
      // The fault strikes on the way as well; the verdict stands without a trace.
      return error;
    }
  }

  private report(): Report {
    const { options, prepared } = this;
    const search = prepared?.search;
    const states = search?.store.count ?? 0;
    const { offered = 0, taken = 0, moved = 0, depth = 0 } = search ?? {};
    const none = { total: 0, missed: [] };
    return {
      states,
      transitions: taken,
      edges: { offered, taken, moved },
      depth,
      coverage: prepared?.engine.control.coverage.report() ?? {
        states: { ...none, reached: 0 },
        transitions: { ...none, taken: 0 },
        guards: { outcomes: 0, seen: 0, missed: [] },
      },
      bytesPerState: states === 0 ? 0 : (search?.store.bytes ?? 0) / states,
      reductions: [
        ...(options.symmetry === undefined ? [] : ['symmetry' as const]),
        ...(this.reduced ? ['por' as const] : []),
      ],
      workers: this.crew === undefined ? 1 : (options.workers ?? 1),
      ...this.seconds(),
    };
  }

  private seconds(): { seconds?: number } {
    const { clock } = this.options;
    return clock === undefined ? {} : { seconds: (clock() - this.started) / 1000 };
  }
}
