/**
 * What the charts of single objects share. A chart follows one object of the
 * host (a domain, a port, a page): its states are those in which the facts
 * say that such an object can be, its transitions those that the facts allow.
 *
 * A chart never changes the host by itself: `step` does what the event does,
 * once, however many charts see it. Guards look at the object as the event
 * left it. So a chart and the host cannot but agree as long as the host only
 * takes ways that the chart has; where it takes another, they differ, and
 * `agreement.ts` says so.
 *
 * Each chart begins in `found`, which no time is spent in: there the host
 * says where the object is. A captured or generated host, and a domain that
 * xen#2 has just restored, enter their charts that way.
 */
import type { Domain } from '../host/domain.ts';
import type { Host } from '../host/host.ts';
import type { Vcpu } from '../host/vcpu.ts';
import { hostOf } from '../liveupdate/update.ts';
import { happens, isHostEvent, step, type World, type WorldEvent } from './world.ts';

/** Context of the chart of one object: the common world, and which object it is. */
export interface ChartContext<At> {
  readonly world: World;
  readonly at: At;
}

export interface ChartArgs<At> {
  readonly context: ChartContext<At>;
  readonly event: WorldEvent;
}

/** The host as the event leaves it: unchanged by an event that did not happen, or of the update. */
export const after = ({ context, event }: ChartArgs<unknown>): Host =>
  hostOf(step(context.world, event));

/**
 * A guard on the object after the event. Host events that did not happen
 * never lead anywhere; on entry and after steps of the update the host is
 * looked at as it is.
 */
export const onceDone =
  <At>(holds: (host: Host, at: At, world: World) => boolean) =>
  (args: ChartArgs<At>): boolean => {
    const { context, event } = args;
    if (isHostEvent(event) && !happens(context.world, event)) return false;
    return holds(after(args), context.at, context.world);
  };

export interface DomainAt {
  readonly domid: number;
}
export interface VcpuAt extends DomainAt {
  readonly vcpu: number;
}

/** The domain, or undefined where the running Xen does not know it. */
export const domainAt = (host: Host, at: DomainAt): Domain | undefined =>
  host.xen.domains[at.domid];

export const vcpuAt = (host: Host, at: VcpuAt): Vcpu | undefined =>
  domainAt(host, at)?.vcpus[at.vcpu];

/** Between the jump and its resume a domain is in the hands of the update. */
export const isWithUpdate = (world: World, at: DomainAt): boolean =>
  world.host === null && !world.resumed.includes(at.domid);
