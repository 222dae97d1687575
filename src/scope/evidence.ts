/**
 * What an update is judged against when it ends, as fields of the state:
 * `before`, the host as it would be had nobody asked for an update, and
 * `saved`, the host at the save. What guests and Xen do while domains are
 * being stopped happens to `before` as well; what the update does does not.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Host } from '../host/host.ts';
import { apply } from '../hypercalls/apply.ts';
import { hostOf } from '../liveupdate/update.ts';
import { isHostEvent, runningVersion, type World, type WorldEvent } from '../world/world.ts';

/** `null`: not known (any more); absent: as it was. */
export interface Evidence {
  readonly before?: Host | null;
  readonly saved?: Host | null;
}

/** `before` after the same event; where that is not possible it stays as it is. */
const goesOn = (before: Host, event: WorldEvent, world: World): Host => {
  if (!isHostEvent(event)) return before;
  const after = apply(
    before,
    { ...event },
    { version: runningVersion(world), design: world.design },
  );
  return E.isRight(after) ? after.right : before;
};

/** Names of the actions that say something of the evidence. */
export const NOTED: readonly string[] = ['check', 'step', 'saveGlobals', 'rollBack', 'settle'];

/**
 * What an action of the live-update chart adds to the evidence.
 *
 * @param top the state of the chart in which it is taken
 * @param world as it is before the action
 */
export const evidenceAfter = (
  action: string,
  top: string,
  event: WorldEvent,
  world: World,
  before: Host | null,
): Evidence => {
  switch (action) {
    case 'check':
      return { before: hostOf(world), saved: null };
    case 'saveGlobals':
      return { saved: hostOf(world) };
    case 'rollBack':
      return { saved: null };
    case 'step':
      // Whoever goes on when an update is over makes another host of it.
      if (top !== 'quiescing') return { before: null, saved: null };
      return before === null ? {} : { before: goesOn(before, event, world) };
    default:
      return { before: null, saved: null };
  }
};
