/** vCPUs: VCPU, VCPU_TIMERS, VCPU_RUNSTATE. */
import { type Design, keeps } from '../../design/design.ts';
import { VPF } from '../../host/constants.ts';
import type { Domain } from '../../host/domain.ts';
import type { Host } from '../../host/host.ts';
import { port } from '../../host/ids.ts';
import type { Vcpu } from '../../host/vcpu.ts';
import { type LuRecord, record } from '../../stream/records/registry.ts';
import { isAbandoned } from '../primitive.ts';
import { savedRegisters } from './registers.ts';

/**
 * Hypercalls of this vCPU that still wait in a tasklet although the design
 * has a rule to complete them, which it dropped. Each holds a pause of the
 * vCPU, and the work that would take it back is a pointer of xen#1's (F3.13).
 */
const abandonedCalls = (host: Host, d: Domain, v: Vcpu, design: Design): number =>
  host.xen.system.tasklets.filter(
    (k) =>
      k.vcpu?.domid === d.domid &&
      k.vcpu.vcpu === v.id &&
      (k.scheduledOn !== null || k.running) &&
      isAbandoned(design, k),
  ).length;

/** As for domains: lasting pauses, or without the rule whatever the sum is (I2.1, S11, S12). */
const pausesOf = (host: Host, d: Domain, v: Vcpu, design: Design): number =>
  keeps(design, 'I2.1.pauses')
    ? v.controllerPauseCount + abandonedCalls(host, d, v, design)
    : v.pauseCount;

/** What keeps a vCPU from running by its own state; transient flags end with xen#1 (F2.17). */
const pausedOf = (flags: number) => ({
  blocked: (flags & VPF.blocked) !== 0,
  down: (flags & VPF.down) !== 0,
  in_reset: (flags & VPF.in_reset) !== 0,
  parked: (flags & VPF.parked) !== 0,
});

const vcpu = (host: Host, d: Domain, v: Vcpu, design: Design): LuRecord =>
  record('VCPU', {
    vcpu: v.id,
    initialised: v.initialised,
    paused: pausedOf(v.pauseFlags),
    controllerPauseCount: pausesOf(host, d, v, design),
    // A resume unpauses what the shutdown had paused (F2.26).
    pausedForShutdown: keeps(design, 'F2.26.code') && v.pausedForShutdown,
    registers: savedRegisters(v.registers, design),
    guestTable: v.guestTable,
    guestTableUser: v.guestTableUser,
    gdtFrames: v.gdtFrames,
    pollPorts: keeps(design, 'F6.3.poll') ? v.pollPorts.map(port) : [],
    vcpuInfo: keeps(design, 'F10.7.vcpu-info') ? v.vcpuInfo : null,
    runstateArea: keeps(design, 'F10.7.vcpu-info') ? v.runstateArea : null,
    injectVector: v.injectVector,
  });

const timers = (v: Vcpu, design: Design): LuRecord[] => {
  const { singleshot, periodic } = v.timers;
  const armed = singleshot !== null || periodic !== null;
  return armed && keeps(design, 'F10.12.timers')
    ? [record('VCPU_TIMERS', { vcpu: v.id, singleshot, periodic })]
    : [];
};

const runstate = (v: Vcpu): LuRecord => record('VCPU_RUNSTATE', { vcpu: v.id, ...v.runstate });

/** All vCPUs in the order of their ids (F2.4), then what is timed (section 11, rule 18). */
export const vcpuRecords = (host: Host, d: Domain, design: Design): LuRecord[] => [
  ...d.vcpus.map((v) => vcpu(host, d, v, design)),
  ...d.vcpus.flatMap((v) => timers(v, design)),
  ...d.vcpus.map(runstate),
];
