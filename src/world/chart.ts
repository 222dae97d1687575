/**
 * What a chart is, besides the live-update's own: the control of one kind of
 * thing on the host - a domain, a vCPU, a port - drawn as a machine of its
 * own. A chart decides nothing that `src/hypercalls` decides: it says which
 * states there are and which event leads from which to which, and asks the
 * host whether the event happens. State and data are then two tellings of
 * one thing, and can be held against each other in every state reached.
 */
import type { AnyStateMachine } from 'xstate';
import type { Host } from '../host/host.ts';
import { after, happens, isUpdateEvent, type World, type WorldEvent } from './world.ts';

/** Which one of its kind: numbers by name, in the field's words (`domid`, `vcpu`, `port`). */
export type Place = Readonly<Record<string, number>>;

/** What an instance of a chart knows: the world that all share, and which one it is. */
export interface ChartContext<P extends Place> {
  readonly world: World;
  readonly of: P;
}

/** What the host says while the chart is in one of its states. Methods, so that a chart of any places is a chart. */
export type Saying<P extends Place> = { asked(world: World, of: P): boolean }['asked'];
export type Sayings<P extends Place> = Readonly<Record<string, Saying<P>>>;

/** What a transition may ask of the event besides what the host says behind it. */
export interface Ask<P extends Place> {
  /** Before the event. */
  readonly world: World;
  readonly event: WorldEvent;
  readonly of: P;
  /** The world behind the event; `world` itself if it does not happen. */
  readonly after: World;
  /** Does the event happen? For events of the update that is the live-update chart's to say: true. */
  readonly happens: boolean;
}
export type Question<P extends Place> = { asked(ask: Ask<P>): boolean }['asked'];
export type Questions<P extends Place> = Readonly<Record<string, Question<P>>>;

/**
 * A chart as its file in `machines/` exports it by default. The config of the
 * machine is one literal. Its guards are, for each saying `x`, `isX` (the
 * host says so now: for eventless transitions) and `becomesX` (the event
 * happens and the host says so behind it), and the questions by their names.
 * Its only action is `step`. A state with `meta.says: 'x'` holds only while
 * the host says x.
 */
export interface Chart<P extends Place> {
  /** The machine's id. */
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly says: Sayings<P>;
  readonly questions: Questions<P>;
  /** All of its kind on a host, in a fixed order. */
  places(host: Host): readonly P[];
  /** Places that nothing fills on this host, and that an event may fill; default: none. */
  placesToCome?(host: Host): readonly P[];
  /** How one is called in reports: `d1`, `d1v0`, `d1 port 3`. */
  label(of: P): string;
}
export type AnyChart = Chart<Place>;

/** A chart as its file exports it: the compiler checks it, nothing is changed. */
export const chart = <P extends Place>(c: Chart<P>): AnyChart => c;

/** What XState itself tells a chart (that it begins) is no event of the world. */
const isOfTheWorld = (event: { readonly type: string }): boolean =>
  !event.type.startsWith('xstate.');

/** The ask of an event at a world; what follows from it is worked out when somebody looks. */
export const asking = <P extends Place>(world: World, event: WorldEvent, of: P): Ask<P> => ({
  world,
  event,
  of,
  get after() {
    return isOfTheWorld(event) ? after(world, event) : world;
  },
  get happens() {
    return isOfTheWorld(event) && (isUpdateEvent(event) || happens(world, event));
  },
});

type Cased<Prefix extends string, K extends string> = `${Prefix}${Capitalize<K>}`;
/** Names of the guards that a chart has. */
export type GuardName<S extends string, Q extends string> = Cased<'is' | 'becomes', S> | Q;

const cased = (prefix: string, name: string): string =>
  `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Every guard of a chart as a question, by its name. */
export const guardQuestions = <P extends Place>(
  says: Sayings<P>,
  questions: Questions<P>,
): Questions<P> => ({
  ...Object.fromEntries(
    Object.entries(says).flatMap(([name, saying]): [string, Question<P>][] => [
      [cased('is', name), (a) => saying(a.world, a.of)],
      [cased('becomes', name), (a) => a.happens && saying(a.after, a.of)],
    ]),
  ),
  ...questions,
});

interface GuardArgs<P extends Place> {
  readonly context: ChartContext<P>;
  readonly event: WorldEvent;
}

/** The guards of a chart's machine: of its sayings and its questions. */
export const guardsOf = <
  P extends Place,
  S extends Sayings<P>,
  Q extends Questions<P> = Readonly<Record<never, never>>,
>(
  says: S,
  questions: Q = {} as Q,
): {
  readonly [K in GuardName<keyof S & string, keyof Q & string>]: (args: GuardArgs<P>) => boolean;
} =>
  Object.fromEntries(
    Object.entries(guardQuestions<P>(says, questions)).map(([name, ask]) => [
      name,
      ({ context, event }: GuardArgs<P>) => ask(asking(context.world, event, context.of)),
    ]),
  ) as never;
