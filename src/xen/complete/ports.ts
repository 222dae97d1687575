/** The ports of all domains as one consistent set: what a dump of seconds cannot be (F6). */
import {
  DOMID_IDLE,
  EVTCHN_2L_NR_CHANNELS_64,
  EVTCHN_FIFO_NR_CHANNELS,
  NR_VIRQS,
  VIRQ_PER_VCPU,
} from '../../host/constants.ts';
import type { ChannelState } from '../../host/event-channel.ts';
import { domid, port as toPort } from '../../host/ids.ts';
import type { PortBinding, PortReading } from '../capture/reading.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { Notes } from './notes.ts';

export interface ShownPort {
  readonly reading: PortReading;
  readonly binding: ChannelState;
  /** Within the domain's vCPUs. */
  readonly notifyVcpu: number;
}

export type Abi = '2l' | 'fifo';

export interface DomainPorts {
  readonly abi: Abi;
  /** By port, ascending. */
  readonly ports: ReadonlyMap<number, ShownPort>;
  /** ECS_RESERVED ports were shown, which only the PV shim has. */
  readonly reserved: number;
}

/** The vCPU that a VIRQ's port belongs to: its own for those of a vCPU, else vCPU 0 (F6.14). */
export const virqVcpu = (virq: number, notifyVcpu: number): number =>
  VIRQ_PER_VCPU.includes(virq) ? notifyVcpu : 0;

/** Things of which a domain has one port at most, as a key; null: any number. */
const uniqueKey = (binding: PortBinding, vcpu: number): string | null => {
  if (binding.kind === 'virq') return `virq ${binding.virq} v${virqVcpu(binding.virq, vcpu)}`;
  return binding.kind === 'pirq' ? `pirq ${binding.pirq}` : null;
};

const isDomid = (n: number): boolean => n <= DOMID_IDLE;

/** Why a port cannot be, or null. */
const wrong = (p: PortReading, abi: Abi, vcpus: number): string | null => {
  const limit = abi === 'fifo' ? EVTCHN_FIFO_NR_CHANNELS : EVTCHN_2L_NR_CHANNELS_64;
  const { binding } = p;
  if (p.port < 1 || p.port >= limit) return `ports of its ABI are 1 to ${limit - 1}`;
  switch (binding.kind) {
    case 'virq':
      if (vcpus === 0) return 'the domain has no vCPU';
      return binding.virq < NR_VIRQS ? null : `there is no VIRQ ${binding.virq}`;
    case 'unbound':
      return isDomid(binding.remote) ? null : `there is no domain ${binding.remote}`;
    case 'interdomain':
      if (!isDomid(binding.remote)) return `there is no domain ${binding.remote}`;
      return binding.remotePort < EVTCHN_FIFO_NR_CHANNELS
        ? null
        : `there is no port ${binding.remotePort}`;
    case 'reserved':
    case 'pirq':
    case 'ipi':
      return null;
  }
};

const stateOf = (binding: PortBinding): ChannelState | null => {
  switch (binding.kind) {
    case 'reserved':
      return null;
    case 'unbound':
      return { state: 'unbound', remoteDomid: domid(binding.remote) };
    case 'interdomain':
      return {
        state: 'interdomain',
        remoteDomid: domid(binding.remote),
        remotePort: toPort(binding.remotePort),
      };
    case 'pirq':
      return { state: 'pirq', pirq: binding.pirq };
    case 'virq':
      return { state: 'virq', virq: binding.virq };
    case 'ipi':
      return { state: 'ipi' };
  }
};

const abiOf = (d: DomainFacts, notes: Notes): Abi => {
  const ports = d.channels?.ports ?? [];
  const fifo = ports.filter((p) => p.link.abi === 'fifo').length;
  if (ports.length === 0) notes.assume('port-abi', 1, d.domid);
  if (fifo > 0 && fifo < ports.length)
    notes.contradict(
      'port-abi',
      d.domid,
      `d${d.domid}: ${fifo} of ${ports.length} ports look like FIFO, the others do not`,
      { shown: fifo, have: ports.length, at: ports.slice(0, 1) },
    );
  return fifo * 2 > ports.length ? 'fifo' : '2l';
};

const portsOf = (d: DomainFacts, notes: Notes): DomainPorts => {
  const abi = abiOf(d, notes);
  const vcpus = d.reading.vcpus.length;
  const ports = new Map<number, ShownPort>();
  const keys = new Set<string>();
  let reserved = 0;
  const leaveOut = (p: PortReading, why: string): void =>
    notes.contradict('port-left-out', d.domid, `d${d.domid} port ${p.port} is left out: ${why}`, {
      at: [p],
    });
  for (const p of [...(d.channels?.ports ?? [])].sort((a, b) => a.port - b.port)) {
    const notifyVcpu = p.notifyVcpu < vcpus ? p.notifyVcpu : 0;
    const key = uniqueKey(p.binding, notifyVcpu);
    const why = ports.has(p.port)
      ? 'it is listed twice'
      : key !== null && keys.has(key)
        ? `${key} has a port already`
        : wrong(p, abi, vcpus);
    const binding = stateOf(p.binding);
    if (binding === null) reserved++;
    if (why !== null || binding === null) {
      leaveOut(p, why ?? 'it is reserved, which only the PV shim does');
      continue;
    }
    if (notifyVcpu !== p.notifyVcpu)
      notes.contradict(
        'port-vcpu',
        d.domid,
        `d${d.domid} port ${p.port} notifies vCPU ${p.notifyVcpu}, which does not exist`,
        { shown: p.notifyVcpu, have: notifyVcpu, at: [p] },
      );
    if (key !== null) keys.add(key);
    ports.set(p.port, { reading: p, binding, notifyVcpu });
  }
  return { abi, ports, reserved };
};

/** Is the other end of an inter-domain port bound to it (I6.1)? */
const hasPeer = (
  all: ReadonlyMap<number, DomainPorts>,
  id: number,
  port: number,
  binding: ChannelState,
): boolean => {
  if (binding.state !== 'interdomain') return true;
  if (binding.remoteDomid === id && binding.remotePort === port) return false;
  const peer = all.get(binding.remoteDomid)?.ports.get(binding.remotePort)?.binding;
  return peer?.state === 'interdomain' && peer.remoteDomid === id && peer.remotePort === port;
};

/**
 * The ports of every domain. An inter-domain port whose other end is not
 * bound to it becomes what closing that end would have made of it: unbound,
 * waiting for the same domain (F6.12).
 */
export const portsOfAll = (
  domains: readonly DomainFacts[],
  notes: Notes,
): ReadonlyMap<number, DomainPorts> => {
  const all = new Map(domains.map((d): [number, DomainPorts] => [d.domid, portsOf(d, notes)]));
  const single = [...all].flatMap(([id, { ports }]) =>
    [...ports].filter(([p, s]) => !hasPeer(all, id, p, s.binding)).map(([p, s]) => ({ id, p, s })),
  );
  for (const { id, p, s } of single) {
    if (s.binding.state !== 'interdomain') continue;
    const { remoteDomid, remotePort } = s.binding;
    notes.assume('port-peer-gone', 1, id);
    notes.contradict(
      'port-peer',
      id,
      `d${id} port ${p}: its other end, d${remoteDomid} port ${remotePort}, is not bound to it`,
      { at: [s.reading] },
    );
    const ports = all.get(id)?.ports as Map<number, ShownPort>;
    ports.set(p, { ...s, binding: { state: 'unbound', remoteDomid } });
  }
  return all;
};
