/** What stands between one vCPU and a state that can be saved (R12, F9.9). */
import { type Design, keeps } from '../../design/design.ts';
import { numericEntries } from '../../host/codec.ts';
import { DOMCTL, HYPERVISOR, IOREQ, VPF } from '../../host/constants.ts';
import { type Domain, lacksOnlyMove } from '../../host/domain.ts';
import { contentOf } from '../../host/hardware.ts';
import type { Host } from '../../host/host.ts';
import { resetCallOf } from '../../host/reset-call.ts';
import type { Vcpu } from '../../host/vcpu.ts';
import { readsOnly } from '../../hypercalls/deferred/finish-hypercall.ts';
import { waitsForIo } from '../primitive.ts';
import type { BoundaryContext, Obstacle, Progress } from './obstacle.ts';

/** v->pause_flags of vCPUs whose stack or state is with a monitor (F3.18). */
const VPF_MEM = VPF.mem_paging | VPF.mem_access | VPF.mem_sharing;

/**
 * Is the vCPU held by a pause that may never end? Completion is a step of the
 * vCPU itself, when it is next scheduled (F9.6), so it would be starved of it.
 */
const isStarved = (d: Domain, v: Vcpu): boolean =>
  d.controllerPauseCount > 0 ||
  v.controllerPauseCount > 0 ||
  v.pausedForShutdown ||
  d.pausers.some((p) => p !== 'lu');

/** The request of a vCPU that an emulator has not answered, or Xen not completed (F9.5, F9.6). */
const ioObstacle = (host: Host, d: Domain, v: Vcpu, design: Design): Obstacle | null => {
  const at = { where: `d${d.domid}v${v.id}`, domid: d.domid };
  const held = keeps(design, 'F9.6.starved') && isStarved(d, v) ? ', and the vCPU is paused' : '';
  for (const [server, s] of numericEntries(d.ioreqServers)) {
    if (s.ioreqPage === null) continue;
    const slot = contentOf(host.hardware, s.ioreqPage, 'ioreq')?.slots[v.id];
    if (slot === undefined || slot.state === IOREQ.NONE) continue;
    const where = { domid: d.domid, server, vcpu: v.id };
    const progress: Progress =
      slot.state === IOREQ.READY
        ? { type: 'emulator.take', ...where }
        : slot.state === IOREQ.INPROCESS
          ? { type: 'emulator.respond', ...where }
          : { type: 'vcpu.complete-io', domid: d.domid, vcpu: v.id };
    const words = ['', 'not taken', 'being emulated', 'answered, not completed'];
    return {
      ...at,
      what: `ioreq with the emulator in d${s.emulator}: ${words[slot.state] ?? 'in a bad state'}${held}`,
      sources: ['R12', 'F9.1', 'F9.6'],
      progress: held === '' ? progress : null,
    };
  }
  if (v.io.state === IOREQ.NONE && v.io.completion === 'none' && !v.deferShutdown) return null;
  return {
    ...at,
    what: `emulation not completed, though every slot is idle${held}`,
    sources: ['R12', 'F9.5'],
    progress: held === '' ? { type: 'vcpu.complete-io', domid: d.domid, vcpu: v.id } : null,
  };
};

/**
 * What brings a domctl or sysctl to its end in this Xen. Null: nothing. One
 * that found the lock taken has done nothing yet (C5), and whether it is
 * issued again before the update is for its vCPU to say, not for Xen; of
 * others the arguments are in memory that the model has not.
 */
const endOf = (host: Host, d: Domain, v: Vcpu): Progress | null => {
  const { rdi, rsi } = v.registers;
  const target = host.xen.domains[rsi];
  if (v.registers.rax === HYPERVISOR.domctl && rdi === DOMCTL.destroydomain) {
    const endless = target !== undefined && (target.dying === 'alive' || lacksOnlyMove(target));
    return endless ? null : { type: 'hypercall.finish', domid: d.domid, vcpu: v.id };
  }
  const known = resetCallOf(v.registers) !== null || readsOnly(v.registers);
  return known ? { type: 'hypercall.finish', domid: d.domid, vcpu: v.id } : null;
};

/** Hypercalls whose registers would mean something else to xen#2 (F3.8, F3.9). */
const hypercallObstacle = (
  host: Host,
  d: Domain,
  v: Vcpu,
  ctx: BoundaryContext,
): Obstacle | null => {
  if (!v.registers.atHypercall) return null;
  const { rax } = v.registers;
  const { from, to } = ctx;
  const crossing =
    (rax === HYPERVISOR.domctl && from.domctlInterface !== to.domctlInterface) ||
    (rax === HYPERVISOR.sysctl && from.sysctlInterface !== to.sysctlInterface);
  if (crossing) {
    const name = rax === HYPERVISOR.domctl ? 'domctl' : 'sysctl';
    return {
      where: `d${d.domid}v${v.id}`,
      domid: d.domid,
      what: `preempted in a ${name} whose interface version changes`,
      sources: ['F3.9', 'S18'],
      progress: endOf(host, d, v),
    };
  }
  const resetting = resetCallOf(v.registers);
  if (
    resetting?.by === 'evtchn' &&
    resetting.resuming &&
    !to.hasResetCont &&
    ctx.design.policies.Q4 === 'exact'
  )
    return {
      where: `d${d.domid}v${v.id}`,
      domid: d.domid,
      what: `preempted in EVTCHNOP_reset_cont, which Xen ${to.id} does not have`,
      sources: ['F3.8', 'S15'],
      progress: null,
    };
  return null;
};

/** All obstacles of one vCPU of a domain that lives. */
export const vcpuObstacles = (host: Host, d: Domain, v: Vcpu, ctx: BoundaryContext): Obstacle[] => {
  const { design } = ctx;
  const at = { where: `d${d.domid}v${v.id}`, domid: d.domid };
  const found: Obstacle[] = [];
  if (waitsForIo(design, d, v)) {
    const io = ioObstacle(host, d, v, design);
    if (io !== null) found.push(io);
  }
  if (keeps(design, 'F3.18.wait') && (v.onWaitQueue || (v.pauseFlags & VPF_MEM) !== 0))
    found.push({
      ...at,
      what: 'on a wait queue or held by a monitor: its hypervisor stack cannot be saved',
      sources: ['F3.18', 'S64'],
      progress: null,
    });
  if (keeps(design, 'R9.refuse')) {
    const call = hypercallObstacle(host, d, v, ctx);
    if (call !== null) found.push(call);
  }
  if (v.oldGuestTable !== null && design.policies.Q6 === 'finish')
    found.push({
      ...at,
      what: 'a page table waits for its deferred put',
      sources: ['Q6', 'F8.9'],
      progress: { type: 'mm.put-old-table', domid: d.domid, vcpu: v.id },
    });
  return found;
};
