/** EVTCHNOP_send, unmask and set_priority, and what the guest does with its events (F6.13). */
import { EVTCHN_FIFO_PRIORITIES, VPF } from '../../host/constants.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { caller, isCaller, wouldRun } from '../vcpus.ts';
import { takeFromQueue } from './fifo.ts';
import { clearPending, isMasked, mask, setPending, unmask } from './pending.ts';
import { isValidPort } from './ports.ts';
import { vcpuInfoOf } from './vcpu-info.ts';

interface Port {
  readonly domid: number;
  readonly vcpu: number;
  readonly port: number;
}
export interface EvtchnSend extends Port {
  readonly type: 'evtchn.send';
}
export interface EvtchnUnmask extends Port {
  readonly type: 'evtchn.unmask';
}
export interface EvtchnSetPriority extends Port {
  readonly type: 'evtchn.set_priority';
  readonly priority: number;
}
/** The guest masks a port in its own memory. */
export interface GuestMask extends Port {
  readonly type: 'guest.mask';
}
/** The guest's upcall handler takes what is pending and not masked on one vCPU. */
export interface GuestUpcall {
  readonly type: 'guest.upcall';
  readonly domid: number;
  readonly vcpu: number;
}

/** Ports at which Xen itself listens: the notification wakes a vCPU that waits in Xen. */
const notifyXen = (d: MutableDomain, port: number): void => {
  const v = d.vcpus[d.events.channels[port]?.notifyVcpu ?? 0];
  if (v !== undefined) v.pauseFlags &= ~VPF.blocked_in_xen;
};

/** evtchn_send, by the domain that a port is of. */
export const sendTo = (tx: Transaction, d: MutableDomain, port: number): Refused | null => {
  const channel = d.events.channels[port];
  if (channel === undefined) return refuse('EINVAL', `port ${port} is free`);
  if (channel.xenConsumer !== null) return refuse('EINVAL', `port ${port} is Xen's own`);
  const { binding } = channel;
  if (binding.state === 'interdomain') {
    const peer = tx.domain(binding.remoteDomid);
    const consumer = peer?.events.channels[binding.remotePort]?.xenConsumer ?? null;
    if (peer !== undefined && consumer === null) setPending(tx, peer, binding.remotePort);
    else if (peer !== undefined) notifyXen(peer, binding.remotePort);
    return null;
  }
  if (binding.state === 'ipi') setPending(tx, d, port);
  else if (binding.state !== 'unbound')
    return refuse('EINVAL', `port ${port} is a ${binding.state}`);
  return null;
};

export const send: Body<EvtchnSend> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  return isCaller(c) ? sendTo(tx, c.d, e.port) : c;
};

export const unmaskPort: Body<EvtchnUnmask> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (!isValidPort(c.d, e.port)) return refuse('EINVAL', `no port ${e.port}`);
  unmask(tx, c.d, e.port);
  return null;
};

export const setPriority: Body<EvtchnSetPriority> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const channel = c.d.events.channels[e.port];
  if (channel === undefined || channel.xenConsumer !== null)
    return refuse('EINVAL', `port ${e.port} is not d${e.domid}'s`);
  if (c.d.events.abi !== 'fifo') return refuse('ENOSYS', 'the 2-level ABI has no priorities');
  if (e.priority < 0 || e.priority >= EVTCHN_FIFO_PRIORITIES)
    return refuse('EINVAL', `no priority ${e.priority}`);
  channel.priority = e.priority;
  return null;
};

export const guestMask: Body<GuestMask> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (!isValidPort(c.d, e.port)) return 'not enabled';
  mask(tx, c.d, e.port);
  return null;
};

/** 2-level: clears the ports that it delivers. FIFO: empties the queues in their order. */
const deliver = (tx: Transaction, d: MutableDomain, vcpu: number): void => {
  const v = d.vcpus[vcpu];
  const info = v === undefined ? null : vcpuInfoOf(tx, d, v);
  if (v === undefined || info === null) return;
  info.upcallPending = false;
  if (d.events.abi === 'fifo') {
    // Each turn unlinks a port or clears a ready bit, so this ends.
    while (takeFromQueue(tx, d, v) !== null);
    return;
  }
  info.pendingSel = 0;
  const { pending } = tx.content(d.sharedInfo, 'shared_info') ?? { pending: [] };
  for (const port of [...pending])
    if ((d.events.channels[port]?.notifyVcpu ?? 0) === v.id && !isMasked(tx, d, port))
      clearPending(tx, d, port);
};

/** Enabled while an upcall waits; being blocked does not hinder it, the upcall has woken the vCPU. */
export const guestUpcall: Body<GuestUpcall> = (tx, e) => {
  const d = tx.domain(e.domid);
  const v = d?.vcpus[e.vcpu];
  if (d === undefined || v === undefined || !wouldRun(d, v)) return 'not enabled';
  const info = vcpuInfoOf(tx, d, v);
  if (info === null || !info.upcallPending || info.upcallMask) return 'not enabled';
  v.pauseFlags &= ~VPF.blocked;
  v.pollPorts = [];
  deliver(tx, d, e.vcpu);
  return null;
};
