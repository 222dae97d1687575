/** vCPUs: made in pass 0c, filled in pass 2 (R37, R39). */
import { type Design, keeps } from '../../design/design.ts';
import { HYPERVISOR, IOREQ, VPF } from '../../host/constants.ts';
import type { VcpuId } from '../../host/ids.ts';
import { getPageAndType } from '../../host/page-refs.ts';
import { PGT } from '../../host/page-type.ts';
import { idleRegisters, type Registers, type Vcpu } from '../../host/vcpu.ts';
import type { BodyOf, DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import { crashOf, type RestoreDraft } from './draft.ts';

/** RUNSTATE_offline, public/vcpu.h. */
const OFFLINE = 3;

const newVcpu = (id: VcpuId): Vcpu => ({
  id,
  initialised: false,
  runningOn: null,
  pauseFlags: VPF.down,
  pauseCount: 0,
  controllerPauseCount: 0,
  pollPorts: [],
  pausedForShutdown: false,
  deferShutdown: false,
  registers: idleRegisters,
  guestTable: null,
  guestTableUser: null,
  gdtFrames: [],
  oldGuestTable: null,
  timers: { singleshot: null, periodic: null },
  runstate: { state: OFFLINE, entryTime: 0, time: [0, 0, 0, 0] },
  vcpuInfo: null,
  runstateArea: null,
  virqToPort: {},
  fifo: null,
  io: { state: IOREQ.NONE, completion: 'none', suspended: false },
  onWaitQueue: false,
  injectVector: null,
});

/** Pass 0c: vcpu_create() in ascending order without gaps (F2.4), without state. */
export const createVcpus = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const order = keeps(draft.design, 'F2.4.order') ? s.VCPU : [...s.VCPU].reverse();
  const gap = order.findIndex((v, i) => v.vcpu !== i);
  if (gap >= 0) return { what: `d${s.DOMAIN.domid}: vCPU ${gap} is missing`, sources: ['F2.4'] };
  if (s.P2M !== undefined && draft.domain(s.DOMAIN.domid)?.p2m === null)
    return { what: `d${s.DOMAIN.domid}: no P2M to make vCPUs for`, sources: ['R37'] };
  draft.update(s.DOMAIN.domid, () => ({ vcpus: s.VCPU.map((v) => newVcpu(v.vcpu)) }));
  return null;
};

const pauseFlagsOf = (p: BodyOf<'VCPU'>['paused']): number =>
  (p.blocked ? VPF.blocked : 0) |
  (p.down ? VPF.down : 0) |
  (p.in_reset ? VPF.in_reset : 0) |
  (p.parked ? VPF.parked : 0);

/** Bits of the command word below the progress of a continuation (F3.4, F3.7). */
const MEMOP_COMMANDS = 2 ** 6;
const GNTTABOP_COMMANDS = 2 ** 12;

/** A Xen with another encoding takes the progress for no progress: the call starts again (F3.7). */
const misread = (r: Registers): Registers => {
  if (!r.atHypercall) return r;
  if (r.rax === HYPERVISOR.memory_op) return { ...r, rdi: r.rdi % MEMOP_COMMANDS };
  return r.rax === HYPERVISOR.grant_table_op ? { ...r, rdi: r.rdi % GNTTABOP_COMMANDS } : r;
};

/** Only where a design loses them: arguments that nobody has set. */
const { rdi, rsi, rdx, r10, r8 } = idleRegisters;
const NO_ARGUMENTS = { rdi, rsi, rdx, r10, r8 };

const registersOf = (saved: Registers, design: Design): Registers => {
  const r = keeps(design, 'F3.1.arguments') ? saved : { ...saved, ...NO_ARGUMENTS };
  const read = keeps(design, 'F3.7.encoding') ? r : misread(r);
  return keeps(design, 'F3.1.registers') ? read : { ...read, atHypercall: false };
};

const fill = (v: Vcpu, s: DomainSections, design: Design): Vcpu => {
  const saved = s.VCPU.find((r) => r.vcpu === v.id);
  const timers = s.VCPU_TIMERS.find((r) => r.vcpu === v.id);
  const runstate = s.VCPU_RUNSTATE.find((r) => r.vcpu === v.id);
  if (saved === undefined) return v;
  return {
    ...v,
    initialised: saved.initialised,
    pauseFlags: keeps(design, 'F2.17.flags') ? pauseFlagsOf(saved.paused) : 0,
    // One unit for each of the tool stack's pauses, and the shutdown's own (F2.19, F2.23).
    pauseCount: saved.controllerPauseCount + (saved.pausedForShutdown ? 1 : 0),
    controllerPauseCount: saved.controllerPauseCount,
    pausedForShutdown: saved.pausedForShutdown,
    registers: registersOf(saved.registers, design),
    guestTable: saved.guestTable,
    guestTableUser: saved.guestTableUser,
    gdtFrames: saved.gdtFrames,
    pollPorts: saved.pollPorts,
    vcpuInfo: saved.vcpuInfo,
    runstateArea: saved.runstateArea,
    injectVector: keeps(design, 'R35') ? saved.injectVector : null,
    timers:
      timers === undefined
        ? v.timers
        : { singleshot: timers.singleshot, periodic: timers.periodic },
    runstate:
      runstate === undefined || !keeps(design, 'F10.12.runstate')
        ? v.runstate
        : { state: runstate.state, entryTime: runstate.entryTime, time: runstate.time },
  };
};

/**
 * Pass 2: state of the vCPUs, with the references that their cr3s, descriptor
 * tables and vcpu_info hold (F8.5). An L4 is promoted when it is taken, which
 * writes this Xen's slots before any cr3 holds it (F8.16, rule 9).
 */
export const restoreVcpus = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const id = s.DOMAIN.domid;
  const promotion = draft.promotion(s);
  for (const v of s.VCPU) {
    const held: [number, number][] = [
      ...[v.guestTable, v.guestTableUser].flatMap((t): [number, number][] =>
        t === null ? [] : [[t, PGT.l4]],
      ),
      ...v.gdtFrames.map((f): [number, number] => [f, PGT.seg_desc]),
      ...(v.vcpuInfo === null ? [] : [[v.vcpuInfo.frame, PGT.writable] as [number, number]]),
    ];
    for (const [frame, type] of held) {
      const failed = getPageAndType(promotion, frame, type as never);
      if (failed !== null) return crashOf(id, failed, 'F8.5', 'section 11 rule 9');
    }
  }
  draft.update(id, (d) => ({ vcpus: d.vcpus.map((v) => fill(v, s, draft.design)) }));
  return null;
};
