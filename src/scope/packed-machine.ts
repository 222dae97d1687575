/**
 * A machine over a world as a machine over packed fields: the same chart, the
 * same guards, the same actions, only that the world comes out of fields and
 * goes back into them. Nothing of its behaviour is written again. Added are
 * the turns of actors, who do one thing after another, and a choice of the
 * design before anything else.
 */
import { type AnyStateMachine, and, assign, createMachine } from 'xstate';
import type { Design } from '../design/design.ts';
import type { World, WorldContext, WorldEvent } from '../world/world.ts';
import { evidenceAfter, NOTED } from './evidence.ts';
import type { Packed } from './packed-world.ts';
import type { Tables } from './tables.ts';

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
type Guard = (args: WorldArgs) => boolean;
interface Assign {
  readonly assignment: (args: WorldArgs) => { readonly world: World };
}

// Configs are looked at as plain data: XState's types of them depend on every name in them.
interface Transition {
  readonly guard?: unknown;
  readonly actions?: string | readonly string[];
}
interface State {
  readonly on?: Readonly<Record<string, Transition | readonly Transition[]>>;
  readonly states?: Readonly<Record<string, State>>;
}

/** The name of the action that notes what another one, in this state of the chart, says. */
const notes = (action: string, top: string): string => `evidence of ${action}, ${top}`;

/** The chart in which each event waits for the turn of its actor, and evidence is noted. */
const inTurn = (state: State, top: string | null): State => ({
  ...state,
  ...(state.on === undefined
    ? {}
    : { on: mapValues(state.on, (ts) => [ts].flat().map((t) => waiting(t, top ?? ''))) }),
  ...(state.states === undefined
    ? {}
    : { states: mapValues(state.states, (below, key) => inTurn(below, top ?? key)) }),
});
const waiting = (t: Transition, top: string): Transition => ({
  ...t,
  guard: t.guard === undefined ? 'isTurn' : and(['isTurn', t.guard as string]),
  actions: [t.actions ?? []]
    .flat()
    .flatMap((name) => (NOTED.includes(name) ? [notes(name, top), name] : [name])),
});
const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (a: A, key: string) => B,
): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));

/** A guard or an action that is carried out once for each case that it can tell apart. */
const remembering = <Out>(
  tables: Tables,
  name: string,
  run: (args: Args) => Out,
): ((args: Args) => Out) => {
  const names = new WeakMap<Event, string>();
  const nameOf = (event: Event): string => {
    const known = names.get(event);
    if (known !== undefined) return known;
    const made = `${name} ${JSON.stringify(event)}`;
    names.set(event, made);
    return made;
  };
  return ({ context, event }) =>
    tables.of(nameOf(event), context, (record) => run({ context: record, event }));
};

export const turnOf = (actor: string): string => `turn ${actor}`;
/** The event by which a design is chosen, and the field that remembers it. */
export const CHOOSE = 'design.choose';
const DESIGN = 'chosen design';

export const scopeMachine = (
  machine: AnyStateMachine,
  tables: Tables,
  scope: ScopeMachine,
): AnyStateMachine => {
  const { packer } = tables;
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
  const isFirst = (guard: Guard, args: WorldArgs): boolean => {
    for (let domid = 0; domid < (args.event.domid ?? 0); domid++)
      if (guard({ ...args, event: { ...args.event, domid } })) return false;
    return true;
  };
  const wrapped = (name: string, guard: Guard) => {
    const inOrder = scope.inOrder.includes(name);
    return remembering(tables, `guard ${name} ${inOrder}`, (args) => {
      const world = unpacked(args);
      return guard(world) && (!inOrder || isFirst(guard, world));
    });
  };
  const turned = ({ actor, at }: Turn): Packed =>
    actor === undefined || at === undefined ? {} : { [turnOf(actor)]: at + 1 };
  const wrappedActions = Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [
      name,
      assign(
        remembering(tables, `action ${name}`, (args) => {
          const { world } = action.assignment(unpacked(args));
          return { ...packer.changes(args.context, world), ...turned(args.event) };
        }),
      ),
    ]),
  );
  const noted = (name: string, top: string) =>
    assign(
      remembering(tables, notes(name, top), ({ context, event }) => {
        const before = packer.evidenceOf(context, 'before');
        const world = packer.world(context);
        return packer.evidence(evidenceAfter(name, top, event as WorldEvent, world, before));
      }),
    );
  const tops = Object.keys((machine.config as State).states ?? {});
  const noting = NOTED.flatMap((name) => tops.map((top) => [notes(name, top), noted(name, top)]));
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
      [machine.id]: {
        ...inTurn(machine.config as State, null),
        context: undefined,
        id: machine.id,
      },
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
      ...Object.fromEntries(noting),
      choose: assign(({ context }: Args, { name, design }: { name: string; design: Design }) => ({
        ...packer.changes(context, { ...packer.world(context), design }),
        [DESIGN]: name,
      })),
    },
  } as never);
};
