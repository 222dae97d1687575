/** A node of the search: where the update stands, its world, and what will be compared at its end. */
import { numericKeys } from '../host/codec.ts';
import type { Host } from '../host/host.ts';
import { apply } from '../hypercalls/apply.ts';
import { unpark } from '../liveupdate/pause.ts';
import { hostOf } from '../liveupdate/update.ts';
import { isAtRest, type Snapshot, topState } from '../trace/schedule.ts';
import type { Followers } from '../world/follow.ts';
import { isHostEvent, type WorldEvent } from '../world/world.ts';

/**
 * What an update is judged against. Guests go on while it quiesces, so the
 * host before it is a moving one: every event that guests could have caused
 * without the update happens to `before` as well. `calm` is the same with the
 * deferred work done; an event that is possible on neither is the update's
 * doing, and `before` stays as it is.
 */
export interface Evidence {
  readonly before: Host;
  readonly calm: Host;
  readonly saved: Host | null;
}

export interface Node {
  readonly snapshot: Snapshot;
  readonly evidence: Evidence;
  /** Updates that are over. */
  readonly round: number;
  readonly parent: Node | null;
  readonly event: WorldEvent | null;
  readonly depth: number;
  /** Where the charts of domains, vCPUs, ... stand, if they run beside the update. */
  readonly followers?: Followers;
}

export const evidenceAtRest = (host: Host): Evidence => ({ before: host, calm: host, saved: null });

/** The host without the update's own pauses. */
const unparked = (host: Host): Host =>
  numericKeys(host.xen.domains).reduce((h, id) => {
    const d = h.xen.domains[id];
    return d === undefined ? h : unpark(h, d);
  }, host);

type Context = Parameters<typeof apply>[2];

const tried = (host: Host, event: WorldEvent, context: Context): Host | null => {
  if (!isHostEvent(event)) return null;
  const done = apply(host, { ...event }, context);
  return done._tag === 'Right' ? done.right : null;
};

const afterGuests = (e: Evidence, event: WorldEvent, context: Context): Evidence => {
  const calm = tried(e.calm, event, context);
  const before = tried(e.before, event, context) ?? calm;
  return { ...e, before: before ?? e.before, calm: calm ?? e.calm };
};

/** Evidence after a step from `from`; `ofGuests`: nobody of the update asked for it. */
export const evidenceAfter = (
  from: Node,
  event: WorldEvent,
  to: Snapshot,
  ofGuests: boolean,
): Evidence => {
  const was = topState(from.snapshot);
  const is = topState(to);
  const world = to.context.world;
  if (is === 'done') return was === 'done' ? from.evidence : evidenceAtRest(from.evidence.before);
  if (isAtRest(to)) return evidenceAtRest(hostOf(world));
  if (was !== 'quiescing') return from.evidence;
  const context = { version: world.from, design: world.design };
  let next = from.evidence;
  if (ofGuests) next = afterGuests(next, event, context);
  else if (isHostEvent(event))
    next = { ...next, calm: tried(next.calm, event, context) ?? unparked(hostOf(world)) };
  return is === 'saving' ? { ...next, saved: hostOf(world) } : next;
};

/** The nodes from the root to this one. */
export const pathTo = (node: Node): Node[] => {
  const path: Node[] = [];
  for (let n: Node | null = node; n !== null; n = n.parent) path.push(n);
  return path.reverse();
};

/** What happened on the way, as events of their own that can be replayed. */
export const traceOf = (node: Node): WorldEvent[] =>
  pathTo(node).flatMap((n) => (n.event === null ? [] : [{ ...n.event }]));
