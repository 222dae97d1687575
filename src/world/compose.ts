/**
 * Many charts side by side over one world, as one parallel machine. One chart
 * leads: it decides which events happen and is the only one that changes the
 * world. The others follow: a transition of theirs is taken when the leader
 * takes the event and their own guard holds. So an event changes the world
 * once, however many charts it concerns, and all of them see the same world.
 */
import { type AnyStateMachine, and, createMachine, or, stateIn } from 'xstate';
import type { Claim } from './agree.ts';
import { type AnyChart, asking, guardQuestions, type Place, type Question } from './chart.ts';
import { isHostEvent, type World, type WorldContext, type WorldEvent } from './world.ts';

/** One instance: of which chart, and which of its kind. */
export interface Member {
  readonly chart: AnyChart;
  readonly of: Place;
}

/** The name of an instance's region: `domain d1`, `vcpu d1v0`. */
export const memberName = ({ chart, of }: Member): string =>
  `${chart.name} ${chart.label(of)}`.trim();

// Configs are looked at as plain data: XState's types of them depend on every name in them.
interface Transition {
  readonly target?: string | readonly string[];
  readonly guard?: unknown;
  readonly actions?: unknown;
}
type Transitions = string | Transition | readonly (string | Transition)[];
interface State {
  readonly id?: string;
  readonly on?: Readonly<Record<string, Transitions>>;
  readonly always?: Transitions;
  readonly states?: Readonly<Record<string, State>>;
  readonly meta?: { readonly says?: string; readonly claim?: Claim };
}

const listed = (t: Transitions | undefined): readonly Transition[] => {
  if (t === undefined) return [];
  const all = typeof t === 'string' || !Array.isArray(t) ? [t as string | Transition] : t;
  return all.map((x) => (typeof x === 'string' ? { target: x } : x));
};

/** Where the leader takes an event: states by their ids, and the guard there. */
type Takes = ReadonlyMap<string, readonly unknown[]>;

/** For each event of the leader, the guards of which one holds when it takes the event. */
const takesOf = (leader: AnyStateMachine): Takes => {
  const takes = new Map<string, unknown[]>();
  const visit = (state: State, id: string): void => {
    for (const [type, ts] of Object.entries(state.on ?? {}))
      for (const t of listed(ts)) {
        const here = stateIn(`#${id}`);
        const guard = t.guard === undefined ? here : and([here, t.guard as never]);
        takes.set(type, [...(takes.get(type) ?? []), guard]);
      }
    for (const [name, child] of Object.entries(state.states ?? {})) visit(child, `${id}.${name}`);
  };
  visit(leader.config as State, leader.id);
  return takes;
};

/** The leader takes a host event wherever it takes any; one of the update where it names it. */
const takenBy = (takes: Takes, type: string): unknown =>
  or((takes.get(isHostEvent({ type }) ? '*' : type) ?? []) as never);

/** What a follower's guard needs to know when it is asked in the common machine. */
interface AskedParams {
  readonly question: Question<Place>;
  readonly of: Place;
}

/** The chart's config as a region: its own ids, its guards bound to the place, no actions. */
const regionOf = (member: Member, takes: Takes): State => {
  const { chart, of } = member;
  const id = memberName(member);
  const questions = guardQuestions(chart.says, chart.questions);
  const bound = (name: unknown): unknown => {
    const question = questions[String(name)];
    if (question === undefined) throw new Error(`${chart.name} has no guard ${String(name)}`);
    return { type: 'asked', params: { question, of } satisfies AskedParams };
  };
  const retarget = (target: string): string =>
    target.startsWith(`#${chart.name}`) ? `#${id}${target.slice(chart.name.length + 1)}` : target;
  const moved = (t: Transition, taken: unknown): Transition => {
    const { actions: _, guard, target, ...rest } = t;
    const guards = [taken, guard === undefined ? undefined : bound(guard)].filter(
      (g) => g !== undefined,
    );
    return {
      ...rest,
      ...(target === undefined
        ? {}
        : { target: typeof target === 'string' ? retarget(target) : target.map(retarget) }),
      ...(guards.length === 0
        ? {}
        : { guard: guards.length === 1 ? guards[0] : and(guards as never) }),
    };
  };
  const claim = (says: string, state: string): Claim => {
    const holds = chart.says[says];
    if (holds === undefined) throw new Error(`${state} says ${says}, which ${chart.name} does not`);
    return { member: id, state, says, holds, of };
  };
  const region = (state: State, path: string): State => ({
    ...state,
    ...(state.meta?.says === undefined
      ? {}
      : { meta: { ...state.meta, claim: claim(state.meta.says, path) } }),
    ...(state.on === undefined
      ? {}
      : {
          on: Object.fromEntries(
            Object.entries(state.on).map(([type, ts]) => [
              type,
              listed(ts).map((t) => moved(t, takenBy(takes, type))),
            ]),
          ),
        }),
    ...(state.always === undefined
      ? {}
      : { always: listed(state.always).map((t) => moved(t, undefined)) }),
    ...(state.states === undefined
      ? {}
      : {
          states: Object.fromEntries(
            Object.entries(state.states).map(([name, child]) => [
              name,
              region(child, `${path}.${name}`),
            ]),
          ),
        }),
  });
  return { ...region(chart.machine.config as State, chart.name), id };
};

interface AskedArgs {
  readonly context: WorldContext;
  readonly event: WorldEvent;
}

/**
 * The machine of leader and members. Throws if two members have one name, or
 * a chart names a guard that it does not have: both are defects of a chart.
 */
export const compose = (leader: AnyStateMachine, members: readonly Member[]): AnyStateMachine => {
  const takes = takesOf(leader);
  const names = new Set(members.map(memberName));
  if (names.size !== members.length) throw new Error('two members of a composition have one name');
  const states = Object.fromEntries(members.map((m) => [memberName(m), regionOf(m, takes)]));
  const config = {
    id: 'host',
    type: 'parallel',
    context: ({ input }: { input: World }): WorldContext => ({ world: input }),
    states: {
      [leader.id]: { ...(leader.config as State), id: leader.id, context: undefined },
      ...states,
    },
  };
  const { guards, actions } = leader.implementations;
  return createMachine(config as never).provide({
    guards: {
      ...guards,
      asked: ({ context, event }: AskedArgs, { question, of }: AskedParams) =>
        question(asking(context.world, event, of)),
    },
    actions,
  } as never);
};
