/** Event channels under construction: ports of all kinds, in either ABI (F6). */

import { EVTCHN_FIFO_PRIORITY_DEFAULT, VIRQ_PER_VCPU } from '../constants.ts';
import type { ChannelState, EventChannel, XenConsumer } from '../event-channel.ts';
import { domid, type Port, port as toPort } from '../ids.ts';
import { PORTS_PER_BUCKET } from './domain.ts';
import { BuildError, type DomainDraft, domainAt, type HostDraft, vcpuAt } from './draft.ts';
import { addRange } from './rangeset.ts';

export interface PortOptions {
  /** Default: the lowest free port (F6.15). */
  readonly port?: number;
  readonly vcpu?: number;
  readonly priority?: number;
  readonly xenConsumer?: XenConsumer;
}

const lowestFreePort = (d: DomainDraft): number => {
  let p = 1;
  while (d.domain.events.channels[p] !== undefined) p++;
  return p;
};

/** Puts a channel at a port; makes buckets up to it exist. */
export const addChannel = (
  d: DomainDraft,
  binding: ChannelState,
  options: PortOptions = {},
): Port => {
  const { events, domid: id } = d.domain;
  const p = options.port ?? lowestFreePort(d);
  if (p < 1 || p > events.maxPort) throw new BuildError(`d${id} cannot have port ${p}`);
  if (events.channels[p] !== undefined) throw new BuildError(`d${id} port ${p} is not free`);
  const vcpu = options.vcpu ?? 0;
  const priority = options.priority ?? EVTCHN_FIFO_PRIORITY_DEFAULT;
  const channel: EventChannel = {
    binding,
    xenConsumer: options.xenConsumer ?? null,
    notifyVcpu: vcpuAt(d, vcpu).id,
    priority,
    pendingBeyondArray: false,
    lastQueue: { vcpu: 0, priority: 0 },
  };
  events.channels[p] = { ...channel, lastQueue: { ...channel.lastQueue } };
  while (events.validPorts <= p) events.validPorts += PORTS_PER_BUCKET;
  return toPort(p);
};

export const bindUnbound = (
  draft: HostDraft,
  id: number,
  remote: number,
  options: PortOptions = {},
): Port =>
  addChannel(domainAt(draft, id), { state: 'unbound', remoteDomid: domid(remote) }, options);

/** Both ends of an inter-domain channel, a domain's channel to itself included. */
export const bindInterdomain = (
  draft: HostDraft,
  a: number,
  b: number,
  options: { readonly a?: PortOptions; readonly b?: PortOptions } = {},
): { readonly a: Port; readonly b: Port } => {
  const portA = bindUnbound(draft, a, b, options.a);
  const portB = addChannel(
    domainAt(draft, b),
    { state: 'interdomain', remoteDomid: domid(a), remotePort: portA },
    options.b,
  );
  const channel = domainAt(draft, a).domain.events.channels[portA];
  if (channel !== undefined)
    channel.binding = { state: 'interdomain', remoteDomid: domid(b), remotePort: portB };
  return { a: portA, b: portB };
};

/** A VIRQ's port; a global VIRQ is bound to vCPU 0 (F6.14). */
export const bindVirq = (
  draft: HostDraft,
  id: number,
  virq: number,
  options: PortOptions = {},
): Port => {
  const d = domainAt(draft, id);
  const vcpu = VIRQ_PER_VCPU.includes(virq) ? (options.vcpu ?? 0) : 0;
  const p = addChannel(d, { state: 'virq', virq }, { ...options, vcpu });
  vcpuAt(d, vcpu).virqToPort[virq] = p;
  return p;
};

/** A PIRQ's port, and the host's interrupt behind it. */
export const bindPirq = (
  draft: HostDraft,
  id: number,
  pirq: number,
  irq: number,
  options: PortOptions = {},
): Port => {
  const d = domainAt(draft, id);
  d.domain.pirqs[pirq] = irq;
  addRange(d.domain.irqs, irq, irq);
  return addChannel(d, { state: 'pirq', pirq }, options);
};

export const bindIpi = (draft: HostDraft, id: number, options: PortOptions = {}): Port =>
  addChannel(domainAt(draft, id), { state: 'ipi' }, options);
