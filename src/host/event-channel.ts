/**
 * Event channels of one domain as Xen keeps them (F6.1 to F6.3). Pending and
 * mask bits are guest memory (`content.ts`): shared_info for the 2-level ABI,
 * event words for FIFO. Free ports have no entry. ECS_RESERVED is left out:
 * only the PV shim makes it.
 */
import * as t from 'io-ts';
import { byNumber, Natural, nullable } from './codec.ts';
import { Domid, Mfn, Port } from './ids.ts';

export const ChannelState = t.union([
  t.readonly(t.type({ state: t.literal('unbound'), remoteDomid: Domid })),
  t.readonly(t.type({ state: t.literal('interdomain'), remoteDomid: Domid, remotePort: Port })),
  t.readonly(t.type({ state: t.literal('pirq'), pirq: Natural })),
  t.readonly(t.type({ state: t.literal('virq'), virq: Natural })),
  t.readonly(t.type({ state: t.literal('ipi') })),
]);
export type ChannelState = t.TypeOf<typeof ChannelState>;

/**
 * What a Xen-attached port notifies (F6.2). Xen stores an index into a table
 * of at most 7 functions, which means nothing to another Xen; the name does.
 */
export const XenConsumer = t.keyof({ ioreq: null, vm_event: null, suspend: null });
export type XenConsumer = t.TypeOf<typeof XenConsumer>;

export const EventChannel = t.readonly(
  t.type({
    binding: ChannelState,
    /** Null: the guest's own port. */
    xenConsumer: nullable(XenConsumer),
    notifyVcpu: Natural,
    /** FIFO priority 0 (highest) .. 15. */
    priority: Natural,
    /** FIFO only: raised before its event word existed (F6.2). */
    pendingBeyondArray: t.boolean,
    /** fifo_lastq: the queue that a LINKED port is on (I6.4). */
    lastQueue: t.readonly(t.type({ vcpu: Natural, priority: Natural })),
  }),
  'EventChannel',
);
export type EventChannel = t.TypeOf<typeof EventChannel>;

export const EventChannels = t.readonly(
  t.type({
    abi: t.keyof({ '2l': null, fifo: null }),
    /** Highest port the domain may have, from its creation (F2.1). */
    maxPort: Natural,
    /** Ports that exist as allocated buckets; shrinks while dying (F2.8). */
    validPorts: Natural,
    channels: byNumber(EventChannel),
    /** Stored as Xen stores them; I6.2 says what they must be. */
    activeChannels: Natural,
    xenChannels: Natural,
    /** Cursor of an EVTCHNOP_reset in progress, 0: none (F5.3). */
    nextEvtchn: Natural,
    /** Event array pages of the FIFO ABI, in order; empty for 2-level. */
    fifoArray: t.readonlyArray(Mfn),
    /** Port to notify on suspend (F2.24), null: none. */
    suspendPort: nullable(Port),
  }),
  'EventChannels',
);
export type EventChannels = t.TypeOf<typeof EventChannels>;
