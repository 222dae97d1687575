/**
 * Runs a trace through the composed machine as a real XState actor, and
 * publishes what XState's inspection says of it with @statelyai/inspect.
 * Contexts hold whole hosts; what is published of them is the compact view
 * that the page has, because an inspector writes all of it out at every step.
 */
import { type AnyActorRef, createActor, type InspectionEvent } from 'xstate';
import { membersOf } from '../../../machines/host.ts';
import type { UpdateMachine } from '../../../properties/mutant.ts';
import { newUpdate } from '../../liveupdate/update.ts';
import type { Trace } from '../../trace/trace-file.ts';
import { compose } from '../../world/compose.ts';
import type { WorldContext } from '../../world/world.ts';
import { Viewer } from '../recording/view/view-host.ts';

/** What an inspector of @statelyai/inspect can be told, whatever carries it. */
export interface Publisher {
  readonly actor: (actor: AnyActorRef, snapshot: Published) => void;
  readonly event: (
    actor: AnyActorRef,
    event: { readonly type: string },
    info: { readonly source?: AnyActorRef },
  ) => void;
  readonly snapshot: (
    actor: AnyActorRef,
    snapshot: Published,
    info: { readonly event: { readonly type: string } },
  ) => void;
}

interface Published {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  readonly value?: unknown;
  readonly context?: unknown;
}

interface SnapshotLike {
  readonly status: Published['status'];
  readonly value?: unknown;
  readonly context?: Partial<WorldContext>;
}

/** Events that are sent, and charts beside the update: an inspector shows no more than people can follow. */
const MAX_PUBLISHED = 10_000;
const MAX_MEMBERS = 64;

/** Plays the trace; returns how many events of it were sent to the actor. */
export const publishTrace = (trace: Trace, machine: UpdateMachine, to: Publisher): number => {
  const viewer = new Viewer();
  const published = (given: unknown): Published => {
    const { status, value, context } = given as SnapshotLike;
    const world = context?.world;
    if (world === undefined) return { status, value };
    const { host, domains, vcpus } = viewer.view(world);
    return { status, value, context: { host, domains, vcpus } };
  };
  /** XState's own events carry their input, which is a whole host. */
  const plain = (e: { readonly type: string }): { readonly type: string } =>
    e.type.startsWith('xstate.') ? { type: e.type } : e;
  const tell = (e: InspectionEvent): void => {
    const actor = e.actorRef as AnyActorRef;
    // It has no snapshot before it starts.
    if (e.type === '@xstate.actor') to.actor(actor, { status: 'active' });
    else if (e.type === '@xstate.event')
      to.event(
        actor,
        plain(e.event),
        e.sourceRef === undefined ? {} : { source: e.sourceRef as AnyActorRef },
      );
    else if (e.type === '@xstate.snapshot')
      to.snapshot(actor, published(e.snapshot), { event: plain(e.event) });
  };
  const actor = createActor(compose(machine, membersOf(trace.host).slice(0, MAX_MEMBERS)), {
    id: 'host',
    input: newUpdate(trace.host, trace.from, trace.design),
    inspect: tell,
  });
  actor.start();
  const events = trace.events.slice(0, MAX_PUBLISHED);
  for (const event of events) actor.send({ ...event });
  actor.stop();
  return events.length;
};
