/**
 * The members of a composition without an interpreter for all of them at
 * once: what `compose` makes of them as one machine, worked out member by
 * member from the same configs. A step costs what the members that it
 * concerns cost, so hundreds of them can be kept beside an update; that both
 * tell the same of every step is tested (test/world/follow.test.ts).
 */
import { type Agreement, agreed, type Claim } from './agree.ts';
import {
  type AnyChart,
  type Ask,
  asking,
  guardQuestions,
  type Place,
  type Questions,
} from './chart.ts';
import { type Member, memberName } from './compose.ts';
import {
  type Active,
  initialNodes,
  selected,
  type Tree,
  type TreeTransition,
  taken,
  treeOf,
} from './tree.ts';
import { isHostEvent, type World, type WorldEvent } from './world.ts';

/** Members and the states that each is in, by their place in the list. */
export interface Followers {
  readonly members: readonly Member[];
  readonly active: readonly Active[];
}

/** Told of every guard that is asked, and every transition that is taken. */
export interface Observer {
  readonly asked?: (chart: string, t: TreeTransition, holds: boolean) => void;
  readonly took?: (member: Member, t: TreeTransition) => void;
}

const questionsKnown = new WeakMap<AnyChart, Questions<Place>>();
const questionsOf = (chart: AnyChart): Questions<Place> => {
  const questions = questionsKnown.get(chart) ?? guardQuestions(chart.says, chart.questions);
  questionsKnown.set(chart, questions);
  return questions;
};

const holding =
  (chart: AnyChart, ask: Ask<Place>, observer: Observer) =>
  (t: TreeTransition): boolean => {
    if (t.guard === null) return true;
    const question = questionsOf(chart)[t.guard];
    if (question === undefined) throw new Error(`${chart.name} has no guard ${t.guard}`);
    const holds = question(ask);
    observer.asked?.(chart.name, t, holds);
    return holds;
  };

/** Steps that happen by themselves before a chart is taken to go in circles. */
const MAX_STEPS = 20;

/** Goes on as long as anything happens by itself. */
const settled = (
  tree: Tree,
  member: Member,
  start: Active,
  ask: Ask<Place>,
  observer: Observer,
) => {
  let active = start;
  for (let n = 0; n < MAX_STEPS; n++) {
    const now = selected(tree, active, null, holding(member.chart, ask, observer));
    if (now.length === 0) return active;
    for (const t of now) observer.took?.(member, t);
    active = taken(tree, active, now);
  }
  throw new Error(`${memberName(member)} goes in circles`);
};

/** What nobody asks about: eventless guards look at the world alone. */
const NOTHING = { type: 'xstate.init' } as unknown as WorldEvent;

/** Every member finds out where it stands in this world. */
export const followersOf = (
  members: readonly Member[],
  world: World,
  observer: Observer = {},
): Followers => ({
  members,
  active: members.map((member) => {
    const tree = treeOf(member.chart.machine);
    return settled(tree, member, initialNodes(tree), asking(world, NOTHING, member.of), observer);
  }),
});

/** Events by which any member of a chart may move at all. */
const concerns = (tree: Tree, active: Active, type: string, host: boolean): boolean =>
  active.some((n) => {
    const on = tree.nodes[n]?.on;
    return on !== undefined && (on.has(type) || (host && on.has('*')));
  });

/**
 * All members after an event that the update took; `before` and `now` are its
 * worlds. Members that do not move keep their states as they are.
 */
export const followed = (
  followers: Followers,
  before: World,
  event: WorldEvent,
  now: World,
  observer: Observer = {},
): Followers => {
  const host = isHostEvent(event);
  let moved = false;
  const active = followers.members.map((member, i) => {
    const was = followers.active[i] as Active;
    const tree = treeOf(member.chart.machine);
    if (!concerns(tree, was, event.type, host)) return was;
    const ask = asking(before, event, member.of);
    const holds = holding(member.chart, ask, observer);
    const all = selected(tree, was, event.type, (t) => (t.event !== '*' || host) && holds(t));
    if (all.length === 0) return was;
    for (const t of all) observer.took?.(member, t);
    const next = taken(tree, was, all);
    moved = true;
    return settled(tree, member, next, asking(now, event, member.of), observer);
  });
  return moved ? { ...followers, active } : followers;
};

/** What a node of a member says; the same object each time, as all states are asked at every step. */
const claimOf = (member: Member, index: number): Claim | null => {
  const { chart, of } = member;
  const node = treeOf(chart.machine).nodes[index];
  if (node?.says == null) return null;
  const holds = chart.says[node.says];
  if (holds === undefined)
    throw new Error(`${node.id} says ${node.says}, which ${chart.name} does not`);
  return { member: memberName(member), state: node.id, says: node.says, holds, of };
};

/** Claims of a member by its nodes; undefined: not asked for yet. */
const CLAIMS = new WeakMap<Member, (Claim | null | undefined)[]>();

/**
 * Holds everything that the active states of all members say against the
 * world, as `agreed` does; without a list of it, since a large host has
 * thousands at every step.
 */
export const followersAgree = ({ members, active }: Followers, world: World): Agreement => {
  if (world.crash !== null) return agreed([], world);
  let checked = 0;
  const broken: Claim[] = [];
  members.forEach((member, i) => {
    let known = CLAIMS.get(member);
    if (known === undefined) {
      known = [];
      CLAIMS.set(member, known);
    }
    for (const n of active[i] as Active) {
      let claim = known[n];
      if (claim === undefined) {
        claim = claimOf(member, n);
        known[n] = claim;
      }
      if (claim === null) continue;
      checked++;
      if (!claim.holds(world, claim.of)) broken.push(claim);
    }
  });
  return { checked, broken };
};

/** The value of a member's states as XState would show it: for tests and for people. */
export const stateValue = (tree: Tree, active: Active, index = 0): unknown => {
  const node = tree.nodes[index];
  const inside = (node?.children ?? []).filter((c) => active.includes(c));
  const keyOf = (c: number): string => tree.nodes[c]?.id.split('.').at(-1) ?? '';
  if (inside.length === 0) return {};
  const [only] = inside as [number];
  if (node?.parallel !== true && tree.nodes[only]?.children.length === 0) return keyOf(only);
  return Object.fromEntries(inside.map((c) => [keyOf(c), stateValue(tree, active, c)]));
};
