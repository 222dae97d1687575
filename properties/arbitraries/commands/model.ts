/**
 * The small model that commands are checked against: counts and states of a
 * host, without memory, frame table or event bits. Rules (`rules/`) move it
 * on their own; `observe` reads the same from a real host, to compare.
 */
import { numericEntries } from '../../../src/host/codec.ts';
import {
  GRANT_V1_PER_PAGE,
  GRANT_V2_PER_PAGE,
  GTF,
  SHUTDOWN_CODE_INVALID,
  VIRQ_PER_VCPU,
  VPF,
} from '../../../src/host/constants.ts';
import type { Domain, DomainType } from '../../../src/host/domain.ts';
import type { EventChannel } from '../../../src/host/event-channel.ts';
import { FLAG, frameCount, ownerOf } from '../../../src/host/frame-table.ts';
import { pinTotal } from '../../../src/host/grant-table.ts';
import { contentOf, type Hardware } from '../../../src/host/hardware.ts';
import type { Host } from '../../../src/host/host.ts';
import type { Vcpu } from '../../../src/host/vcpu.ts';

/** `d` and `n`: peer of a channel; `n` alone: VIRQ or PIRQ; `v`: the vCPU of a VIRQ of one. */
export interface PortModel {
  state: EventChannel['binding']['state'];
  d: number | null;
  n: number | null;
  v: number | null;
  xen: boolean;
}

export interface VcpuModel {
  initialised: boolean;
  down: boolean;
  /** Paused for a shutdown of the domain. */
  stopped: boolean;
  /** Other pauses: for a tasklet or by a controller. */
  waits: number;
  singleshot: number | null;
  periodic: { period: number; last: number } | null;
  /** Taken over: neither blocked, nor at a hypercall, nor in an emulation. */
  ready: boolean;
  /** Taken over: it puts shutdowns off. */
  defers: boolean;
}

export interface DomainModel {
  type: DomainType;
  hardware: boolean;
  privileged: boolean;
  target: number | null;
  life: Domain['dying'];
  pauses: number;
  /** Pauses that Xen itself holds. */
  holds: number;
  shutdown: Domain['shutdown']['state'];
  code: number | null;
  maxPages: number;
  pages: number;
  vcpus: VcpuModel[];
  ports: Record<number, PortModel>;
  /** Cursor of a reset half done; 0: none. */
  reset: number;
  pirqs: number[];
  grantVersion: number;
  grantFrames: number;
  maxGrantFrames: number;
  /** What its shared entries offer, in words: "access to d0". */
  offers: Record<number, string>;
  pins: Record<number, number>;
  handles: Record<number, { granter: number; ref: number; parts: number }>;
  pinned: number[];
  servers: Record<number, { emulator: number; enabled: boolean; ranges: number; ports: number[] }>;
  logged: boolean;
  /** A log-dirty operation is half done. */
  paging: boolean;
}

export interface Model {
  now: number;
  cpus: number;
  domains: Record<number, DomainModel>;
  tasklets: Record<number, { work: string; d: number | null; v: number; runs: boolean }>;
  /** Domains without references that RCU has yet to free. */
  destroying: number[];
  /** VIRQ to the domain that was set as its handler. */
  handlers: Record<number, number>;
  /** Taken over: free frames. */
  free: number;
}

const portOf = (d: Domain, port: number, { binding, xenConsumer }: EventChannel): PortModel => {
  const base = { state: binding.state, d: null, n: null, v: null, xen: xenConsumer !== null };
  if (binding.state === 'unbound') return { ...base, d: binding.remoteDomid };
  if (binding.state === 'interdomain')
    return { ...base, d: binding.remoteDomid, n: binding.remotePort };
  if (binding.state === 'pirq') return { ...base, n: binding.pirq };
  if (binding.state !== 'virq') return base;
  const { virq } = binding;
  const v = VIRQ_PER_VCPU.includes(virq)
    ? d.vcpus.findIndex((c) => c.virqToPort[virq] === port)
    : null;
  return { ...base, n: virq, v };
};

const vcpuOf = (v: Vcpu): VcpuModel => ({
  initialised: v.initialised,
  down: (v.pauseFlags & VPF.down) !== 0,
  stopped: v.pausedForShutdown,
  waits: v.pauseCount - (v.pausedForShutdown ? 1 : 0),
  singleshot: v.timers.singleshot?.timeout ?? null,
  periodic:
    v.timers.periodic === null
      ? null
      : { period: v.timers.periodic.period, last: v.timers.periodic.lastEvent },
  ready: (v.pauseFlags & ~VPF.down) === 0 && !v.registers.atHypercall && v.io.completion === 'none',
  defers: v.deferShutdown,
});

const OFFER = ['', 'access', 'transfer', 'transitive'] as const;
const TRANSFER_BEGUN = 4 | 8;

/** "access to d0": the kind of offer and its grantee; a transfer that was used says so. */
export const offerText = (flags: number, to: number): string => {
  const kind = OFFER[flags & GTF.type_mask];
  const used = kind === 'transfer' && (flags & TRANSFER_BEGUN) !== 0;
  return `${kind}${used ? ' done' : ''} to d${to}`;
};

const offersOf = (hardware: Hardware, d: Domain): Record<number, string> => {
  const offers: Record<number, string> = {};
  const [kind, perPage] =
    d.grants.version === 1
      ? (['grant-v1', GRANT_V1_PER_PAGE] as const)
      : (['grant-v2', GRANT_V2_PER_PAGE] as const);
  d.grants.frames.forEach((frame, i) => {
    for (const [slot, e] of numericEntries(contentOf(hardware, frame, kind)?.entries ?? {}))
      if ((e.flags & GTF.type_mask) !== 0) offers[i * perPage + slot] = offerText(e.flags, e.domid);
  });
  return offers;
};

const mapped = <A, B>(from: Readonly<Record<number, A>>, f: (a: A, n: number) => B) =>
  Object.fromEntries(numericEntries(from).map(([n, a]) => [n, f(a, n)])) as Record<number, B>;

const domainOf = (hardware: Hardware, d: Domain, pinned: number[]): DomainModel => ({
  type: d.type,
  hardware: d.isHardware,
  privileged: d.isPrivileged,
  target: d.target,
  life: d.dying,
  pauses: d.controllerPauseCount,
  holds: d.pauseCount - d.controllerPauseCount,
  shutdown: d.shutdown.state,
  code: d.shutdown.code === SHUTDOWN_CODE_INVALID ? null : d.shutdown.code,
  maxPages: d.maxPages,
  pages: d.totPages,
  vcpus: d.vcpus.map(vcpuOf),
  ports: mapped(d.events.channels, (c, port) => portOf(d, port, c)),
  reset: d.events.nextEvtchn,
  pirqs: numericEntries(d.pirqs).map(([n]) => n),
  grantVersion: d.grants.version,
  grantFrames: d.grants.frames.length,
  maxGrantFrames: d.grants.maxFrames,
  offers: offersOf(hardware, d),
  pins: mapped(d.grants.active, (a) => pinTotal(a.pins)),
  handles: mapped(d.grants.maptrack, ({ granter, ref, flags }) => ({
    granter,
    ref,
    parts: flags & 3,
  })),
  pinned,
  servers: mapped(d.ioreqServers, (s) => ({
    emulator: s.emulator,
    enabled: s.enabled,
    ranges: s.ranges.length,
    ports: [
      ...Object.values(s.vcpus).map((v) => v.port as number),
      ...(s.bufioreqPort === null ? [] : [s.bufioreqPort]),
    ],
  })),
  logged: d.p2m?.logDirty ?? false,
  paging: d.pagingPreempt !== null,
});

/** What the model would have to be, were it made of this host. */
export const observe = ({ hardware, xen }: Host): Model => {
  let free = 0;
  const pinned: Record<number, number[]> = {};
  for (let f = 1; f < frameCount(xen.frames); f++) {
    const flags = xen.frames.flags[f] as number;
    if ((flags & FLAG.free) !== 0) free++;
    else if ((flags & FLAG.pinned) !== 0) {
      const owner = ownerOf(xen.frames, f);
      pinned[owner] = [...(pinned[owner] ?? []), f];
    }
  }
  return {
    now: xen.now,
    cpus: hardware.cpus,
    domains: mapped(xen.domains, (d, id) => domainOf(hardware, d, pinned[id] ?? [])),
    tasklets: Object.fromEntries(
      xen.system.tasklets.map((k) => [
        k.id,
        {
          work: k.work,
          d: k.vcpu?.domid ?? null,
          v: k.vcpu?.vcpu ?? 0,
          runs: k.scheduledOn !== null || k.running,
        },
      ]),
    ),
    destroying: [...xen.system.destroying],
    handlers: { ...xen.system.virqHandlers },
    free,
  };
};
