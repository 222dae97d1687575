/** A machine and its options made ready to be searched. */
import { loadCheckpoint } from './checkpoint.ts';
import { Engine } from './engine.ts';
import type { Layout } from './layout.ts';
import type { ExploreOptions, Predicate } from './options.ts';
import { Question, type StateView } from './predicates.ts';
import { Search, type Watch } from './search.ts';
import type { Numbering } from './slots.ts';
import type { StateStore } from './store.ts';
import { normaliserOf } from './symmetry.ts';
import { canonical } from './values.ts';
import type { EventObject, Machine } from './xstate.ts';

/** A search that can begin, and what is asked of its states. */
export interface Prepared {
  readonly engine: Engine;
  readonly search: Search;
  readonly invariants: readonly Question<boolean>[];
  readonly witnesses: readonly Question<boolean>[];
  /** Numbers of the witnesses that were seen. */
  readonly witnessed: Set<number>;
}

/** What is shared with other threads. */
export interface Sharing {
  readonly numbering: (engine: Engine) => Numbering;
  readonly store: (layout: Layout) => StateStore;
}

/** What searches of one machine learned: one after the other they share it. */
export interface Learnt {
  readonly engine: Engine;
  readonly first: Int32Array;
  readonly invariants: readonly Question<boolean>[];
  readonly witnesses: readonly Question<boolean>[];
}

/** How to search; see `Engine`. */
export interface Manner {
  readonly keepOrder: boolean;
  readonly whole: boolean;
  readonly calm?: number | undefined;
  readonly sharing?: Sharing;
  /** By manner: what earlier searches of the same machine and properties learned. */
  readonly memory?: Map<string, Learnt> | undefined;
}

/** An engine that knows nothing yet, or that of an earlier search. */
function learnt(machine: Machine, options: ExploreOptions, manner: Manner): Learnt {
  const { keepOrder, whole, memory } = manner;
  const key = `${keepOrder} ${whole}`;
  const known = memory?.get(key);
  if (known !== undefined) return known;
  const engine = new Engine(machine, keepOrder, whole, options.compare === 'some');
  const first = engine.start(options.input);
  const ask = ([name, predicate]: [string, Predicate]) =>
    new Question(engine, name, (state) => predicate(state) === true, String);
  const invariants = Object.entries(options.always ?? {}).map(ask);
  const witnesses = Object.entries(options.sometimes ?? {}).map(ask);
  const made = { engine, first, invariants, witnesses };
  memory?.set(key, made);
  return made;
}

/**
 * Makes the first state and all that a search asks of states.
 *
 * @throws Fault, Unexplorable, needsOrder
 */
export function prepare(machine: Machine, options: ExploreOptions, manner: Manner): Prepared {
  const { calm, sharing } = manner;
  const { engine, invariants, witnesses, ...begins } = learnt(machine, options, manner);
  const first = begins.first.slice();
  const witnessed = new Set<number>();
  const offered = offer(engine, machine, options.events);
  const watch: Watch = {
    offered,
    all: engine.fixedEvents > 0 ? offered(first) : undefined,
    questions: invariants,
    waiting: () => witnessed.size < witnesses.length,
    broken: (v) => {
      if (witnessed.size < witnesses.length) {
        for (let i = 0; i < witnesses.length; i++) {
          if (!witnessed.has(i) && witnesses[i]?.of(v) === true) witnessed.add(i);
        }
      }
      for (let i = 0; i < invariants.length; i++) if (invariants[i]?.of(v) !== true) return i;
      return -1;
    },
    deadlock: options.deadlock === true,
    stopWhenDone: options.stopWhenDone === true,
    calm,
    normalise: options.symmetry && normaliserOf(engine, options.symmetry),
  };
  const search = new Search(engine, first, watch, sharing?.store);
  // From here on: up to here all threads give the same numbers by themselves.
  if (sharing !== undefined) engine.slots.numbering = sharing.numbering(engine);
  if (options.resume !== undefined) {
    for (const i of loadCheckpoint(search, options.resume, options.beside)) witnessed.add(i);
  }
  return { engine, search, invariants, witnesses, witnessed };
}

/** Numbers of the events offered in a state. */
function offer(
  engine: Engine,
  machine: Machine,
  events: ExploreOptions['events'],
): (v: Int32Array) => Int32Array {
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
  const bare = machine.events.filter((type) => !/\*$|^xstate\./.test(type));
  const all = number((events ?? bare.map((type) => ({ type }))) as readonly EventObject[]);
  engine.fixedEvents = engine.events.length;
  return () => all;
}
