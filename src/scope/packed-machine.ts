/**
 * A machine over a world as a machine over packed fields: the same chart, the
 * same guards, the same actions, only that the world comes out of fields and
 * goes back into them. Nothing of its behaviour is written again. Added are
 * the turns of actors, who do one thing after another, and a choice of the
 * design before anything else.
 */
import { type AnyStateMachine, and, assign, createMachine } from 'xstate';
import type { Design } from '../design/design.ts';
import type { World, WorldContext } from '../world/world.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import type { Packed, Packer } from './packed-world.ts';

/** An event may be the `at`-th of an actor's: it happens in that turn only. */
export interface Turn {
  readonly actor?: string;
  readonly at?: number;
}
export interface Chosen {
  readonly name: string;
  readonly design: Design;
}
export interface ScopeMachine {
  readonly world: World;
  readonly actors: readonly string[];
  /** One of them is chosen first. */
  readonly designs: readonly Chosen[];
  /** Guards of which the lowest domid that passes goes first, so that orders are not told apart. */
  readonly inOrder: readonly string[];
}

type Event = Turn & { readonly type: string; readonly domid?: number };
interface Args {
  readonly context: Packed;
  readonly event: Event;
}
interface WorldArgs {
  readonly context: WorldContext;
  readonly event: Event;
}
type Guard = (args: WorldArgs, params: unknown) => boolean;
interface Assign {
  readonly assignment: (args: WorldArgs, params: unknown) => { readonly world: World };
}

// Configs are looked at as plain data: XState's types of them depend on every name in them.
interface Transition {
  readonly guard?: unknown;
}
interface State {
  readonly on?: Readonly<Record<string, Transition | readonly Transition[]>>;
  readonly states?: Readonly<Record<string, State>>;
}

/** The chart in which each event waits for the turn of its actor. */
const inTurn = (state: State): State => ({
  ...state,
  ...(state.on === undefined ? {} : { on: mapValues(state.on, (ts) => [ts].flat().map(waiting)) }),
  ...(state.states === undefined ? {} : { states: mapValues(state.states, inTurn) }),
});
const waiting = (t: Transition): Transition => ({
  ...t,
  guard: t.guard === undefined ? 'isTurn' : and(['isTurn', t.guard as string]),
});
const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (a: A) => B,
): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));

export const turnOf = (actor: string): string => `turn ${actor}`;
/** The event by which a design is chosen, and the field that remembers it. */
export const CHOOSE = 'design.choose';
const DESIGN = 'chosen design';

export const scopeMachine = (
  machine: AnyStateMachine,
  packer: Packer,
  scope: ScopeMachine,
): AnyStateMachine => {
  const { guards, actions } = machine.implementations as unknown as {
    readonly guards: Readonly<Record<string, Guard>>;
    readonly actions: Readonly<Record<string, Assign>>;
  };
  const unpacked = ({ context, event }: Args): WorldArgs => ({
    context: { world: packer.world(context) },
    event,
  });
  const isTurn = ({ context, event: { actor, at } }: Args): boolean =>
    actor === undefined || context[turnOf(actor)] === at;
  const isFirst = (guard: Guard, args: WorldArgs, params: unknown): boolean => {
    for (let domid = 0; domid < (args.event.domid ?? 0); domid++)
      if (guard({ ...args, event: { ...args.event, domid } }, params)) return false;
    return true;
  };
  const wrapped = (name: string, guard: Guard) => (args: Args, params: unknown) => {
    const world = unpacked(args);
    return guard(world, params) && (!scope.inOrder.includes(name) || isFirst(guard, world, params));
  };
  const turned = ({ actor, at }: Turn): Packed =>
    actor === undefined || at === undefined ? {} : { [turnOf(actor)]: at + 1 };
  const wrappedActions = Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [
      name,
      assign((args: Args, params: unknown) => {
        const before = unpacked(args);
        const evidence: Evidence = evidenceOf(name, before.context.world);
        return {
          ...packer.changes(args.context, action.assignment(before, params).world),
          ...packer.evidence(evidence),
          ...turned(args.event),
        };
      }),
    ]),
  );
  const choices = scope.designs.map(({ name, design }) => ({
    guard: { type: 'isChoice', params: { name } },
    target: machine.id,
    actions: { type: 'choose', params: { name, design } },
  }));
  const config = {
    id: 'scope',
    initial: 'choosing',
    context: {
      ...packer.pack(scope.world),
      ...Object.fromEntries(scope.actors.map((actor) => [turnOf(actor), 0])),
      [DESIGN]: null,
      ...packer.evidence({ before: null, saved: null }),
    },
    states: {
      choosing: { on: { [CHOOSE]: choices } },
      [machine.id]: { ...inTurn(machine.config as State), context: undefined, id: machine.id },
    },
  };
  return createMachine(config as never).provide({
    guards: {
      ...Object.fromEntries(Object.entries(guards).map(([n, g]) => [n, wrapped(n, g)])),
      isTurn,
      isChoice: ({ event }: { event: { name?: string } }, { name }: { name: string }) =>
        event.name === name,
    },
    actions: {
      ...wrappedActions,
      choose: assign(({ context }: Args, { name, design }: { name: string; design: Design }) => ({
        ...packer.changes(context, { ...packer.world(context), design }),
        [DESIGN]: name,
      })),
    },
  } as never);
};
