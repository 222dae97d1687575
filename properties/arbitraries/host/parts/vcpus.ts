/** What a vCPU has registered, waits for, or is in the middle of. */
import { type Draft, vcpuAt } from '../../../../src/host/build/draft.ts';
import { placeVcpuInfo } from '../../../../src/host/build/fifo.ts';
import { pauseVcpu } from '../../../../src/host/build/lifecycle.ts';
import { numericKeys } from '../../../../src/host/codec.ts';
import { DOMCTL, HYPERVISOR, VPF } from '../../../../src/host/constants.ts';
import type { Vcpu } from '../../../../src/host/vcpu.ts';
import { type PartKind, pick, room, type Site, translatedOnly, widest } from './kind.ts';

const chosen = ({ at, n }: Site): Draft<Vcpu> => vcpuAt(at, n[0] % at.domain.vcpus.length);

const info = (site: Site): void => {
  const { draft, at, n } = site;
  const v = chosen(site);
  if (v.vcpuInfo === null && room(at) > 0)
    placeVcpuInfo(draft, at.domain.domid, v.id, 64 * (n[1] % 60));
};

const timers = (site: Site): void => {
  const { draft, n } = site;
  const v = chosen(site);
  const { now } = draft.xen;
  if (n[1] % 3 !== 1) v.timers.singleshot = { timeout: now + (n[1] - 100) * 1000 };
  if (n[1] % 3 !== 0)
    v.timers.periodic = { period: 1_000_000 + n[2], lastEvent: now - n[2] * 1000 };
};

const runstate = (site: Site): void => {
  const { draft, n } = site;
  const v = chosen(site);
  const { now } = draft.xen;
  v.runstateArea = n[1] % 2 === 0 ? null : 0x7fff_0000_0000 + 64 * n[1];
  const entryTime = now - 10 * n[2];
  v.runstate = { state: n[1] % 4, entryTime, time: [entryTime - 300, 100 + n[2], 150, 50] };
};

/** Left at an instruction; now and then at a hypercall with progress in its registers (C1, C2, C5). */
const CALLS = [
  { rax: HYPERVISOR.memory_op, rdi: 64 * 5 },
  { rax: HYPERVISOR.grant_table_op, rdi: 20 },
  { rax: HYPERVISOR.multicall, rdi: 0x1000 },
  { rax: HYPERVISOR.mmu_update, rdi: 0x2000 },
  { rax: HYPERVISOR.vcpu_op, rdi: 1 },
  { rax: HYPERVISOR.domctl, rdi: DOMCTL.getdomaininfo },
  { rax: HYPERVISOR.dm_op, rdi: 3 },
  { rax: HYPERVISOR.sysctl, rdi: 6 },
] as const;

const registers = (site: Site): void => {
  const { n } = site;
  const v = chosen(site);
  if (v.registers.atHypercall) return;
  const [a, b, c] = n;
  const values = {
    rip: widest(a),
    rax: b,
    rdi: c,
    rsi: 7 + a,
    rdx: widest(b),
    r10: widest(c),
    r8: 17 + a,
  };
  // One that waits or is down stands at no hypercall.
  const runs = v.pauseFlags === 0 && v.initialised;
  const call = runs && a % 3 === 0 ? { ...pick(CALLS, b), atHypercall: true } : {};
  v.registers = { ...v.registers, ...values, ...call };
};

/** What keeps it from running by itself. */
const FLAGS = [
  VPF.blocked,
  VPF.down,
  VPF.blocked,
  VPF.in_reset,
  VPF.parked,
  VPF.blocked | VPF.parked,
] as const;

/**
 * As vcpu_create() or a reset leaves it: no page tables, no descriptor tables
 * (F2.4). Guests register vcpu_info and runstate area before they bring it up.
 */
const neverUp = (site: Site, v: Draft<Vcpu>): void => {
  const { draft, at, n } = site;
  if (n[2] % 4 === 1 && v.vcpuInfo === null && room(at) > 0)
    placeVcpuInfo(draft, at.domain.domid, v.id, 64 * (n[0] % 60));
  if (n[2] % 4 === 1) v.runstateArea = 0x7fff_1000_0000 + 64 * n[0];
  v.initialised = false;
  Object.assign(v, { guestTable: null, guestTableUser: null, gdtFrames: [] });
};

const flags = (site: Site): void => {
  const { at, n } = site;
  const v = chosen(site);
  // dom0's first one is needed for what the tool stack does.
  if ((at.domain.domid === 0 && v.id === 0) || v.registers.atHypercall) return;
  v.pauseFlags |= pick(FLAGS, n[1]);
  if ((v.pauseFlags & VPF.down) !== 0 && n[2] % 2 === 1 && v.oldGuestTable === null)
    neverUp(site, v);
  const ports = numericKeys(at.domain.events.channels);
  if (v.pauseFlags === VPF.blocked && n[2] % 3 !== 2 && ports.length > 1)
    v.pollPorts = [ports[n[2] % ports.length] as number, ports[n[1] % ports.length] as number];
};

const paused = ({ draft, at, n }: Site): void => {
  const vcpu = n[0] % at.domain.vcpus.length;
  if (at.domain.domid !== 0 || vcpu !== 0) pauseVcpu(draft, at.domain.domid, vcpu, 1 + (n[1] % 3));
};

const inject = (site: Site): void => {
  if (site.at.domain.type !== 'pv') chosen(site).injectVector = 32 + (site.n[1] % 200);
};

const running = (site: Site): void => {
  const v = chosen(site);
  const { draft, at, n } = site;
  if (v.pauseFlags === 0 && v.pauseCount === 0 && at.domain.controllerPauseCount === 0)
    v.runningOn = n[1] % draft.hardware.cpus;
};

export const vcpuParts: readonly PartKind[] = [
  {
    id: 'vcpu-info',
    says: 'vcpu_info in a page of its own',
    sources: ['F8.4'],
    weight: 6,
    build: info,
  },
  { id: 'timers', says: 'timers of a vCPU', sources: ['F10.12', 'S59'], weight: 8, build: timers },
  {
    id: 'runstate',
    says: 'times of a vCPU, and a runstate area',
    sources: ['F10.12'],
    weight: 6,
    build: runstate,
  },
  {
    id: 'registers',
    says: 'registers, maybe of a preempted hypercall',
    sources: ['F3.1', 'F3.4', 'S18', 'S22'],
    weight: 10,
    build: registers,
  },
  {
    id: 'flags',
    says: 'a vCPU that waits or is down',
    sources: ['F2.17'],
    weight: 6,
    build: flags,
  },
  {
    id: 'vcpu-pause',
    says: 'a vCPU paused by the tool stack',
    sources: ['F2.19'],
    weight: 4,
    build: paused,
  },
  {
    id: 'inject',
    says: 'an event to be injected',
    sources: ['F10.11', 'R35'],
    weight: 4,
    fits: translatedOnly,
    build: inject,
  },
  { id: 'running', says: 'a vCPU on a CPU', sources: ['F2.18'], weight: 3, build: running },
];
