/** Questions about a state, asked in the machine's own terms and learned. */
import type { Engine } from './engine.ts';
import { Memo } from './memo.ts';
import { observe, SAMPLE } from './observe.ts';

/** A state as properties see it. */
export interface StateView<C = unknown> {
  /** The state value, as XState writes it. */
  readonly value: unknown;
  readonly context: C;
  readonly status: string;
  readonly output: unknown;
  /** True if the (partial) state value, or `#id`, is active. */
  matches(value: unknown): boolean;
  hasTag(tag: string): boolean;
}

const MAX_LEAVES = 8192;

/** A function of a state whose answers are found again by what it read. */
export class Question<T> {
  readonly name: string;
  private readonly engine: Engine;
  private readonly ask: (state: StateView) => T;
  private readonly key: (value: T) => string;
  readonly memo: Memo<T>;
  private plainOnly = false;

  /**
   * @param ask pure; it may throw, which becomes a Fault
   * @param key a text of an answer's content
   */
  constructor(
    engine: Engine,
    name: string,
    ask: (state: StateView) => T,
    key: (value: T) => string,
  ) {
    this.engine = engine;
    this.name = name;
    this.ask = ask;
    this.key = key;
    this.memo = new Memo(engine.slots);
  }

  /** True while every answer given is in the tree. */
  get tabulated(): boolean {
    return !this.plainOnly;
  }

  /** The answer for the state `v`. */
  of(v: Int32Array): T {
    const leaf = this.memo.find(v);
    if (leaf !== undefined) {
      this.memo.hits++;
      return leaf.out as T;
    }
    const { engine, memo } = this;
    const { epoch } = engine.slots;
    memo.misses++;
    const { value, tracked } = observe({
      place: this.name,
      plainOnly: this.plainOnly,
      trusted: engine.sampled && memo.misses % SAMPLE !== 1,
      context: () => engine.context.lendFrozen(v),
      plain: (context) => this.ask(plainView(engine, v, context)),
      tracked: () => {
        engine.tracker.begin(v);
        return this.ask(trackedView(engine, v));
      },
      key: this.key,
    });
    if (!tracked) this.plainOnly = true;
    else {
      memo.rest(engine.tracker.grounds);
      memo.keep(engine.tracker.reads, v, value, epoch);
    }
    if (memo.leaves > MAX_LEAVES && memo.hits < 8 * memo.misses) this.plainOnly = true;
    return value;
  }
}

/** A state of an exploration as a plain value that shares nothing with it. */
export function plainView(engine: Engine, v: Int32Array, context: unknown): StateView {
  const snapshot = engine.control.snapshot(v, context);
  return {
    value: snapshot.value,
    context,
    status: snapshot.status,
    output: snapshot.output,
    matches: (value) => matches(engine, v, value, snapshot.matches.bind(snapshot)),
    hasTag: (tag) => snapshot.tags.has(tag),
  };
}

function matches(
  engine: Engine,
  v: Int32Array,
  value: unknown,
  ask: (value: unknown) => boolean,
): boolean {
  if (typeof value !== 'string' || !value.startsWith('#')) return ask(value);
  const node = engine.chart.machine.getStateNodeById(value);
  return engine.chart.activeNodes(v).includes(node);
}

function trackedView(engine: Engine, v: Int32Array): StateView {
  const { control, chart, tracker } = engine;
  const readRegions = () => {
    for (const region of chart.regions) tracker.read(region.slot);
  };
  const snapshot = control.snapshot(v, undefined);
  return {
    get value() {
      readRegions();
      return snapshot.value;
    },
    get context() {
      return engine.context.tracked();
    },
    get status() {
      control.readEnd();
      return snapshot.status;
    },
    get output() {
      control.readEnd();
      return snapshot.output;
    },
    matches: (value) => {
      control.readStateValue(value);
      return matches(engine, v, value, snapshot.matches.bind(snapshot));
    },
    hasTag: (tag) => {
      readRegions();
      return snapshot.tags.has(tag);
    },
  };
}
