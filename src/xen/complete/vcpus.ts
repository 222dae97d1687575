/** The vCPUs of a domain: run state as shown, everything else at rest (F2.17 to F2.25). */
import { VPF, XEN_LEGACY_MAX_VCPUS } from '../../host/constants.ts';
import type { VcpuInfo } from '../../host/content.ts';
import { type Mfn, vcpuId } from '../../host/ids.ts';
import { idleRegisters, type Vcpu, type VcpuTimers } from '../../host/vcpu.ts';
import type { VcpuReading } from '../capture/reading.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { CompletedEvents } from './event-channels.ts';
import { guestRegisters } from './guest-registers.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { DomainPorts } from './ports.ts';
import type { Workbench } from './workbench.ts';

/** RUNSTATE_*, public/vcpu.h. */
const RUNSTATE = { running: 0, runnable: 1, blocked: 2, offline: 3 } as const;
const NS_PER_MS = 1_000_000;
/** Selector bits that a number keeps exactly. */
const SELECTOR_BITS = 53;

const periodic = (v: VcpuReading, now: number): VcpuTimers['periodic'] =>
  v.periodicTimer === undefined || v.periodicTimer.periodMs <= 0
    ? null
    : { period: Math.round(v.periodicTimer.periodMs * NS_PER_MS), lastEvent: now };

const pollPorts = (
  w: Workbench,
  d: DomainFacts,
  v: VcpuReading,
  ports: DomainPorts['ports'],
): number[] => {
  if (v.poll > 0) return [v.poll];
  if (v.poll === 0) return [];
  w.notes.assume('poll-ports', 1, d.domid);
  return [...ports.keys()];
};

/** The pCPU of each running vCPU of a host; a CPU runs one, and only a runnable one. */
export const createCpus = (w: Workbench): ((d: DomainFacts, v: VcpuReading) => number | null) => {
  const busy = new Set<number>();
  return (d, v) => {
    if (!v.running) return null;
    const runnable = v.pauseFlags === 0 && v.pauseCount === 0 && d.reading.pauseCount === 0;
    if (runnable && d.dying === 'alive' && !busy.has(v.cpu)) {
      busy.add(v.cpu);
      return v.cpu;
    }
    const why = busy.has(v.cpu) && runnable ? `CPU ${v.cpu} runs another vCPU` : 'it is paused';
    w.notes.contradict('running', d.domid, `d${d.domid}v${v.id} is shown running, but ${why}`, {
      at: [v],
    });
    return null;
  };
};

const runstateOf = (v: VcpuReading, cpu: number | null, now: number): Vcpu['runstate'] => {
  const state =
    cpu !== null
      ? RUNSTATE.running
      : (v.pauseFlags & (VPF.down | VPF.parked)) !== 0 || v.pauseCount > 0
        ? RUNSTATE.offline
        : (v.pauseFlags & VPF.blocked) !== 0
          ? RUNSTATE.blocked
          : RUNSTATE.runnable;
  const time = [0, 0, 0, 0];
  time[state] = now;
  return { state, entryTime: now, time };
};

export interface VcpuInputs {
  readonly facts: DomainFacts;
  readonly life: Lifecycle;
  readonly events: CompletedEvents;
  readonly ports: DomainPorts['ports'];
  readonly cpuOf: (d: DomainFacts, v: VcpuReading) => number | null;
}

/** All vCPUs of one domain, without page tables. */
export const vcpusOf = (w: Workbench, inputs: VcpuInputs): Vcpu[] => {
  const { facts: d, life, events, ports, cpuOf } = inputs;
  const shutdown = life.shutdown.state === 'complete';
  const saved = new Map((d.guest?.vcpus ?? []).map((v) => [v.id, v.registers]));
  w.notes.assume('vcpu-registers', d.reading.vcpus.length - saved.size, d.domid);
  w.notes.assume('vcpu-times', d.reading.vcpus.length, d.domid);
  return d.reading.vcpus.map((v): Vcpu => {
    const forShutdown = shutdown ? 1 : 0;
    const controller = v.pauseCount - forShutdown;
    w.notes.assume('vcpu-paused', controller, d.domid);
    const runningOn = cpuOf(d, v);
    const registers = saved.get(v.id);
    return {
      id: vcpuId(v.id),
      initialised: (v.pauseFlags & VPF.down) === 0,
      runningOn,
      pauseFlags: v.pauseFlags,
      pauseCount: v.pauseCount,
      controllerPauseCount: controller,
      pollPorts: pollPorts(w, d, v, ports),
      pausedForShutdown: shutdown,
      deferShutdown: false,
      registers: registers === undefined ? idleRegisters : guestRegisters(w, d.domid, registers),
      guestTable: null,
      guestTableUser: null,
      gdtFrames: [],
      oldGuestTable: null,
      timers: { singleshot: null, periodic: periodic(v, w.now) },
      runstate: runstateOf(v, runningOn, w.now),
      vcpuInfo: null,
      runstateArea: null,
      virqToPort: events.virqToPort[v.id] ?? {},
      fifo: events.fifo[v.id] ?? null,
      io: { state: 0, completion: 'none', suspended: false },
      onWaitQueue: false,
      injectVector: null,
    };
  });
};

/** Selector bits of a vCPU, from its 2-level ports. */
const selector = (d: DomainFacts, vcpu: number): number => {
  const bits = new Set<number>();
  for (const p of d.channels?.ports ?? [])
    if (p.notifyVcpu === vcpu && p.link.abi === '2l' && p.link.selector)
      bits.add(Math.floor(p.port / 64));
  return [...bits].reduce((n, b) => (b < SELECTOR_BITS ? n + 2 ** b : n), 0);
};

/** A fresh shared_info with the vcpu_info of the first vCPUs (F6.5). */
export const writeSharedInfo = (w: Workbench, d: DomainFacts, frame: Mfn): void => {
  const vcpus: Record<number, VcpuInfo> = {};
  for (const v of d.reading.vcpus.slice(0, XEN_LEGACY_MAX_VCPUS))
    vcpus[v.id] = {
      upcallPending: v.upcallPending !== 0,
      upcallMask: v.upcallMask !== 0,
      pendingSel: selector(d, v.id),
    };
  w.notes.assume('vcpu-info', Object.keys(vcpus).length, d.domid);
  w.content[frame] = { kind: 'shared_info', pending: [], masked: [], vcpus };
};
