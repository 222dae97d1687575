/**
 * What can be explored from the command line: a machine with its events and
 * properties, exported by a file of a user or held by a scope of this project.
 */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { AnyStateMachine } from 'xstate';
import type { ExploreOptions, Predicate } from '../../explore/index.ts';

/** A machine and all that is asked of it; limits come from the command line. */
export interface Subject {
  readonly machine: AnyStateMachine;
  readonly options: ExploreOptions;
  /**
   * Values in its context are numbers that it hands out as it goes: one made
   * in another thread would mean others by them. Threads help by code alone.
   */
  readonly ownNumbers?: boolean;
  /** How traces are told, where the context is not for people. */
  readonly words?: Words;
}

/** A trace in words: what it begins with, and what each step changes. */
export interface Words {
  readonly begin: (context: unknown) => string;
  readonly changes: (from: unknown, to: unknown) => readonly string[];
  /** What offends against a property in a state, where anybody knows. */
  readonly because: (name: string, value: unknown, context: unknown) => readonly string[];
}

type Properties = Readonly<Record<string, Predicate>>;

/** What `export const options` may hold. */
const OPTIONS = [
  'input',
  'always',
  'sometimes',
  'eventually',
  'leadsTo',
  'fairness',
  'deadlock',
  'stopWhenDone',
  'symmetry',
] as const satisfies readonly (keyof ExploreOptions)[];

const PROPERTIES = ['always', 'sometimes', 'eventually', 'leadsTo'] as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The subject that a module exports: `machine`, `events` (a list of events or
 * of their types, or a function of the state), `invariants` (predicates by
 * name) and `options`; by name or in its default export.
 *
 * @returns left with what is missing or of the wrong kind
 */
export function subjectOf(module: Readonly<Record<string, unknown>>): Either<string, Subject> {
  const fallback = isRecord(module['default']) ? module['default'] : {};
  const exported = (name: string) => module[name] ?? fallback[name];
  const machine = exported('machine');
  if (machine === undefined) return left('exports no "machine"');
  if (!isRecord(machine)) return left('"machine" is no XState v5 machine');
  const events = eventsOf(exported('events'));
  if (isLeft(events)) return events;
  const invariants = predicatesOf(exported('invariants') ?? {}, 'invariants');
  if (isLeft(invariants)) return invariants;
  const options = optionsOf(exported('options') ?? {});
  if (isLeft(options)) return options;
  const always: Properties = { ...options.right.always, ...invariants.right };
  return right({
    machine: machine as unknown as AnyStateMachine,
    options: { ...options.right, ...events.right, always },
  });
}

function eventsOf(events: unknown): Either<string, Pick<ExploreOptions, 'events'>> {
  if (events === undefined) return right({});
  if (typeof events === 'function') {
    return right({ events: events as Extract<ExploreOptions['events'], () => unknown> });
  }
  if (!Array.isArray(events)) return left('"events" is neither a list nor a function');
  const list: { type: string }[] = [];
  for (const [i, event] of events.entries()) {
    if (typeof event === 'string') list.push({ type: event });
    else if (isRecord(event) && typeof event['type'] === 'string') {
      list.push(event as { type: string });
    } else return left(`events[${i}] has no "type"`);
  }
  return right({ events: list });
}

function predicatesOf(value: unknown, name: string): Either<string, Properties> {
  if (!isRecord(value)) return left(`"${name}" is no record of functions`);
  for (const [key, predicate] of Object.entries(value)) {
    if (typeof predicate !== 'function') return left(`${name}["${key}"] is no function`);
  }
  return right(value as Properties);
}

function optionsOf(value: unknown): Either<string, ExploreOptions> {
  if (!isRecord(value)) return left('"options" is no record');
  for (const key of Object.keys(value)) {
    if (!(OPTIONS as readonly string[]).includes(key)) {
      return left(`"options" holds "${key}"; it may hold: ${OPTIONS.join(', ')}`);
    }
  }
  for (const key of ['always', 'sometimes', 'eventually'] as const) {
    const predicates = predicatesOf(value[key] ?? {}, `options.${key}`);
    if (isLeft(predicates)) return predicates;
  }
  const promises = value['leadsTo'] ?? {};
  if (!isRecord(promises)) return left('"options.leadsTo" is no record');
  for (const [name, promise] of Object.entries(promises)) {
    const ends = isRecord(promise) ? [promise['from'], promise['to']] : [];
    if (ends.length === 0 || ends.some((end) => typeof end !== 'function')) {
      return left(`options.leadsTo["${name}"] has not the functions "from" and "to"`);
    }
  }
  return right(value as ExploreOptions);
}

/**
 * The subject with no other properties than those named.
 *
 * @returns left with the known names if one is unknown
 */
export function withOnly(subject: Subject, names: readonly string[]): Either<string, Subject> {
  if (names.length === 0) return right(subject);
  const { options } = subject;
  const known = PROPERTIES.flatMap((kind) => Object.keys(options[kind] ?? {}));
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const list = known.length === 0 ? 'none' : known.map((name) => `"${name}"`).join(', ');
    return left(`no invariant "${unknown}"; there are: ${list}`);
  }
  const only = <T>(all: Readonly<Record<string, T>> | undefined): Record<string, T> =>
    Object.fromEntries(Object.entries(all ?? {}).filter(([name]) => names.includes(name)));
  const { always, sometimes, eventually, leadsTo } = options;
  const kept = {
    always: only(always),
    sometimes: only(sometimes),
    eventually: only(eventually),
    leadsTo: only(leadsTo),
  };
  return right({ ...subject, options: { ...options, ...kept } });
}
