/**
 * The composition of `host.ts`, followed member by member: the update as the
 * XState machine it is, and every other chart from the same config. For hosts
 * and searches that one machine of all would be too slow for.
 */
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { Agreement } from '../src/world/agree.ts';
import type { Member } from '../src/world/compose.ts';
import {
  type Followers,
  followed,
  followersAgree,
  followersOf,
  type Observer,
} from '../src/world/follow.ts';
import type { World, WorldEvent } from '../src/world/world.ts';
import { liveUpdate } from './live-update.ts';

export interface Team {
  readonly update: SnapshotFrom<typeof liveUpdate>;
  readonly followers: Followers;
}

type Snapshot = Team['update'];
/** The machine of the update, or one that does something else in its place. */
type UpdateMachine = typeof liveUpdate;

/** All members where they stand at the start. */
export const startTeam = (
  members: readonly Member[],
  input: World,
  observer: Observer = {},
  machine: UpdateMachine = liveUpdate,
): Team => ({
  update: initialTransition(machine, input)[0] as Snapshot,
  followers: followersOf(members, input, observer),
});

/** The team after the event; the same if the update does not take it. */
export const nextTeam = (
  team: Team,
  event: WorldEvent,
  observer: Observer = {},
  machine: UpdateMachine = liveUpdate,
): Team => {
  const { update, followers } = team;
  if (!update.can(event)) return team;
  const next = transition(machine, update, event)[0] as Snapshot;
  return {
    update: next,
    followers: followed(followers, update.context.world, event, next.context.world, observer),
  };
};

/** Does the host say what every member's states say? */
export const teamAgrees = ({ update, followers }: Team): Agreement =>
  followersAgree(followers, update.context.world);
