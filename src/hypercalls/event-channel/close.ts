/** evtchn_close and evtchn_free (F6.11, F6.12). */
import { type Body, refuse, type StepError } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { clearPending } from './pending.ts';

export interface EvtchnClose {
  readonly type: 'evtchn.close';
  readonly domid: number;
  readonly vcpu: number;
  readonly port: number;
}

/** evtchn_free: a pending event is lost with the port (F6.11). */
export const freePort = (tx: Transaction, d: MutableDomain, port: number): void => {
  const channel = d.events.channels[port];
  if (channel === undefined) return;
  clearPending(tx, d, port);
  d.events.activeChannels--;
  if (channel.xenConsumer !== null) d.events.xenChannels--;
  delete d.events.channels[port];
};

/** The peer waits for the closer again, or for a new domain with its domid (F6.12). */
const releasePeer = (
  tx: Transaction,
  d: MutableDomain,
  port: number,
  remote: { readonly remoteDomid: number; readonly remotePort: number },
): void => {
  const peer = tx.domain(remote.remoteDomid)?.events.channels[remote.remotePort];
  if (
    peer?.binding.state !== 'interdomain' ||
    peer.binding.remoteDomid !== d.domid ||
    peer.binding.remotePort !== port
  ) {
    tx.bug(
      `d${d.domid} closes port ${port}: its peer d${remote.remoteDomid} port ` +
        `${remote.remotePort} is not bound to it`,
    );
    return;
  }
  peer.binding = { state: 'unbound', remoteDomid: d.domid };
};

/** evtchn_close; `guest`: asked for by the domain, which may not close Xen's ports (F5.5, F6.13). */
export const closePort = (
  tx: Transaction,
  d: MutableDomain,
  port: number,
  guest: boolean,
): StepError | null => {
  const channel = d.events.channels[port];
  if (channel === undefined) return refuse('EINVAL', `port ${port} of d${d.domid} is free`);
  if (guest && channel.xenConsumer !== null)
    return refuse('EINVAL', `port ${port} of d${d.domid} is Xen's own`);
  const { binding } = channel;
  if (binding.state === 'virq') {
    for (const v of d.vcpus)
      if (v.virqToPort[binding.virq] === port) delete v.virqToPort[binding.virq];
  } else if (binding.state === 'interdomain') releasePeer(tx, d, port, binding);
  freePort(tx, d, port);
  return null;
};

export const close: Body<EvtchnClose> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  return isCaller(c) ? closePort(tx, c.d, e.port, true) : c;
};
