/**
 * The world that every chart looks at and changes: one host, whatever Xen it
 * is under, and the Live Update on it as far as that has come. All charts of
 * a system share one world, so nothing is modelled twice: `step` is the one
 * way in which anything that guests, dom0 or Xen do becomes a new host.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { XenVersion } from '../design/versions.ts';
import type { Host } from '../host/host.ts';
import { apply } from '../hypercalls/apply.ts';
import { type HostEvent, steps } from '../hypercalls/events.ts';
import type { StepError } from '../hypercalls/step.ts';
import { hostOf, type Update, type UpdateEvent } from '../liveupdate/update.ts';
import { updateStep } from '../liveupdate/update-step.ts';

export type World = Update;

/** What all charts of one system share. */
export interface WorldContext {
  readonly world: World;
}

/** Everything that can happen: on the host, or to it by the update. */
export type WorldEvent = HostEvent | UpdateEvent;

export const isHostEvent = (event: { readonly type: string }): event is HostEvent =>
  Object.hasOwn(steps, event.type);

export const isUpdateEvent = (event: WorldEvent): event is UpdateEvent => !isHostEvent(event);

/** The Xen that runs: xen#1, and xen#2 from the jump on. */
export const runningVersion = (world: World): XenVersion =>
  world.host === null ? (world.to ?? world.from) : world.from;

/** The world with another host; what xen#2 knows of the stream stays. */
export const withHost = (world: World, host: Host): World =>
  world.restoring === null
    ? { ...world, host }
    : { ...world, restoring: { ...world.restoring, hardware: host.hardware, xen: host.xen } };

/** What an event did, kept by the event itself: every chart of a system asks for the same one. */
interface Outcome {
  readonly before: World;
  readonly after: E.Either<StepError, World>;
}
const outcomes = new WeakMap<WorldEvent, Outcome>();

const kept = (
  world: World,
  event: WorldEvent,
  work: () => E.Either<StepError, World>,
): E.Either<StepError, World> => {
  const known = outcomes.get(event);
  if (known !== undefined && known.before === world) return known.after;
  const after = work();
  outcomes.set(event, { before: world, after });
  return after;
};

/** The world after this event, or why it did not happen: worked out once for each world. */
export const outcome = (world: World, event: HostEvent): E.Either<StepError, World> =>
  kept(world, event, () => {
    const context = { version: runningVersion(world), design: world.design };
    return E.map((host: Host) => withHost(world, host))(apply(hostOf(world), event, context));
  });

/** Does this host event happen here? Events of the update never do: they are steps of its own. */
export const happens = (world: World, event: WorldEvent): boolean =>
  isHostEvent(event) && E.isRight(outcome(world, event));

/** The world after the event; unchanged if it did not happen. */
export const step = (world: World, event: WorldEvent): World => {
  if (!isHostEvent(event)) return world;
  const after = outcome(world, event);
  return E.isRight(after) ? after.right : world;
};

/** The world after an event of the update, as its step says; whether it is its turn is asked elsewhere. */
export const updated = (world: World, event: UpdateEvent): World => {
  const after = kept(world, event, () => E.right(updateStep(world, event)));
  return E.isRight(after) ? after.right : world;
};

/** The world after any event: of the host if it happens, of the update as its step says. */
export const after = (world: World, event: WorldEvent): World =>
  isUpdateEvent(event) ? updated(world, event) : step(world, event);

/**
 * The world after an event for charts whose regions each ask for it, one
 * after the other: the first gets what `after` says, the others find that
 * world already there. The event's identity alone does not tell a second
 * region from a second time. The outcome kept for the event does: when it is
 * offered again, the guard of whatever is taken asks first what follows from
 * the world as it is now, and that world is then the one before the event.
 * Where no guard is asked, a second time changes nothing (`kexec.exec`,
 * `xen2.panic`) or cannot be (`lu.jump`); test/world/becomes.test.ts holds it.
 */
export const afterOnce = (world: World, event: WorldEvent): World => {
  const known = outcomes.get(event);
  const isBehind =
    known !== undefined &&
    known.before !== world &&
    E.isRight(known.after) &&
    known.after.right === world;
  return isBehind ? world : after(world, event);
};
