/**
 * The restartable boundary (R12, F9.9): what still stands between a vCPU, a
 * domain or the host and a state that can be saved. Each obstacle says what
 * has to happen for it to go away, or that nothing will: then the update is
 * refused and the obstacle is the reason.
 */
import { type Design, keeps } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import { numericEntries } from '../host/codec.ts';
import { DOMCTL, HYPERVISOR, IOREQ, VPF } from '../host/constants.ts';
import { type Domain, lacksOnlyMove, pagingOpText } from '../host/domain.ts';
import { contentOf } from '../host/hardware.ts';
import type { Host } from '../host/host.ts';
import { resetCallOf } from '../host/reset-call.ts';
import type { Vcpu } from '../host/vcpu.ts';
import { readsOnly } from '../hypercalls/deferred/finish-hypercall.ts';
import { isAbandoned, waitsForIo } from './primitive.ts';

/** What has to happen next for an obstacle to go away; null: nothing will. */
export type Progress =
  | {
      readonly type: 'emulator.take';
      readonly domid: number;
      readonly server: number;
      readonly vcpu: number;
    }
  | {
      readonly type: 'emulator.respond';
      readonly domid: number;
      readonly server: number;
      readonly vcpu: number;
    }
  | { readonly type: 'vcpu.complete-io'; readonly domid: number; readonly vcpu: number }
  | { readonly type: 'tasklet.run'; readonly id: number }
  | { readonly type: 'rcu.run' }
  | { readonly type: 'domain.kill'; readonly domid: number }
  | { readonly type: 'paging.continue'; readonly domid: number }
  | {
      readonly type: 'evtchn.reset-continue';
      readonly domid: number;
      readonly vcpu: number;
      readonly ports: null;
    }
  | {
      readonly type: 'domctl.soft_reset-continue';
      readonly domid: number;
      readonly vcpu: number;
      readonly ports: null;
    }
  | { readonly type: 'mm.put-old-table'; readonly domid: number; readonly vcpu: number }
  | { readonly type: 'hypercall.finish'; readonly domid: number; readonly vcpu: number };

export interface Obstacle {
  /** "d1v0", "d3", "host". */
  readonly where: string;
  readonly domid: number | null;
  readonly what: string;
  readonly sources: readonly string[];
  readonly progress: Progress | null;
  /** Somebody else may take it away, so there is hope without any progress of its own. */
  readonly mayEnd?: boolean;
}

/** Everything that the predicate depends on besides the host. */
export interface BoundaryContext {
  readonly design: Design;
  readonly from: XenVersion;
  readonly to: XenVersion;
}

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

/** A reset whose cursor is in Xen: its caller finishes it first, where the design says so (Q4). */
const resetObstacles = (host: Host, d: Domain, ctx: BoundaryContext): Obstacle[] => {
  if (ctx.design.policies.Q4 !== 'finish') return [];
  const own = d.vcpus.flatMap((v): Obstacle[] => {
    const call = resetCallOf(v.registers);
    if (call?.resuming !== true) return [];
    const vcpu = { domid: d.domid, vcpu: v.id };
    return [
      {
        where: `d${d.domid}v${v.id}`,
        domid: d.domid,
        what: `preempted in ${call.by === 'evtchn' ? 'EVTCHNOP_reset' : 'a soft reset'} of d${call.target}`,
        sources: ['Q4', call.by === 'evtchn' ? 'F5.2' : 'F5.7'],
        progress:
          call.by === 'evtchn'
            ? { type: 'evtchn.reset-continue', ...vcpu, ports: null }
            : { type: 'domctl.soft_reset-continue', ...vcpu, ports: null },
      },
    ];
  });
  const resumed = numericEntries(host.xen.domains).some(([, c]) =>
    c.vcpus.some((v) => {
      const call = resetCallOf(v.registers);
      return call?.resuming === true && call.target === d.domid;
    }),
  );
  if (d.events.nextEvtchn === 0 || resumed) return own;
  // Nobody will resume it: every later reset gets -EBUSY, under any Xen (F5.3).
  const stuck: Obstacle = {
    where: `d${d.domid}`,
    domid: d.domid,
    what: `a reset stands at port ${d.events.nextEvtchn} and no vCPU goes on with it`,
    sources: ['Q4', 'F5.3', 'S14'],
    progress: null,
  };
  return [...own, stuck];
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

const vcpuObstacles = (host: Host, d: Domain, v: Vcpu, ctx: BoundaryContext): Obstacle[] => {
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

/** Is state that no record carries a reason to refuse (Q7)? */
const refusesUnknown = (design: Design): boolean =>
  keeps(design, 'F13.7.unsupported') && design.policies.Q7 === 'refuse';

/** A device model outside a PV domain, where the design does not take those (Q13). */
const emulatorObstacles = (host: Host, d: Domain, design: Design): Obstacle[] =>
  design.policies.Q13 !== 'refused'
    ? []
    : numericEntries(d.ioreqServers).flatMap(([id, s]): Obstacle[] =>
        host.xen.domains[s.emulator]?.type === 'pv'
          ? []
          : [
              {
                where: `d${d.domid}`,
                domid: d.domid,
                what: `server ${id} is emulated by d${s.emulator}, which is no PV domain`,
                sources: ['Q13', 'A1'],
                progress: null,
              },
            ],
      );

/**
 * A domain of which nothing is left but its move to cpupool0 is carried as it
 * is, by either: that may never succeed here (F4.4), and xen#2 has no other pool.
 */
const isCarried = (d: Domain, design: Design): boolean =>
  keeps(design, 'F4.4.cpupool') && lacksOnlyMove(d);

/** What stands between one domain and the save. */
export const domainObstacles = (host: Host, d: Domain, ctx: BoundaryContext): Obstacle[] => {
  const { design } = ctx;
  const at = { where: `d${d.domid}`, domid: d.domid };
  const found = [
    // vCPUs of a dying domain never run again: what they were at ends with them.
    ...(d.dying === 'alive' ? d.vcpus.flatMap((v) => vcpuObstacles(host, d, v, ctx)) : []),
    ...(d.dying === 'alive' ? resetObstacles(host, d, ctx) : []),
    ...(d.dying === 'alive' ? emulatorObstacles(host, d, design) : []),
  ];
  const isWaitedFor =
    design.policies.Q3 === 'wait' || (design.policies.Q3 === 'finish' && !isCarried(d, design));
  if (d.dying === 'dying' && isWaitedFor)
    found.push({
      ...at,
      what: `in the middle of destroydomain (${d.teardown.phase})`,
      sources: ['Q3', 'F4.1'],
      progress: { type: 'domain.kill', domid: d.domid },
    });
  if (d.dying === 'dead' && design.policies.Q3 === 'wait')
    found.push({
      ...at,
      what: 'a zombie: dead, but its pages are still referenced',
      sources: ['Q3', 'F2.16', 'S34'],
      progress: null,
      mayEnd: true,
    });
  if (d.pagingPreempt !== null && design.policies.Q5 === 'finish')
    found.push({
      ...at,
      what: `a ${pagingOpText(d.pagingPreempt.op)} is half done`,
      sources: ['Q5', 'F3.11'],
      progress: { type: 'paging.continue', domid: d.domid },
    });
  // What a domain in destroydomain used ends with it, before anything is saved.
  if (refusesUnknown(design) && d.dying !== 'dying')
    for (const feature of d.unsupported)
      found.push({
        ...at,
        what: `uses ${feature}, for which no record exists`,
        sources: ['F13.7', 'Q7'],
        progress: null,
      });
  return found;
};

/** What stands between the host's own deferred work and the save (I3.1). */
export const systemObstacles = (host: Host, ctx: BoundaryContext): Obstacle[] => {
  const { design } = ctx;
  const { system } = host.xen;
  const found: Obstacle[] = [];
  for (const k of system.tasklets) {
    if (k.scheduledOn === null && !k.running) continue;
    const owner = k.vcpu === null ? 'host' : `d${k.vcpu.domid}v${k.vcpu.vcpu}`;
    if (isAbandoned(design, k)) continue;
    found.push({
      where: owner,
      domid: k.vcpu?.domid ?? null,
      what: `tasklet ${k.work} is ${k.running ? 'running' : `queued on CPU ${k.scheduledOn}`}`,
      sources: ['R45', 'F3.12', 'F3.16'],
      progress: design.policies.Q2 === 'refuse' ? null : { type: 'tasklet.run', id: k.id },
    });
  }
  if (keeps(design, 'F3.17.rcu') && system.rcu.length > 0)
    found.push({
      where: 'host',
      domid: null,
      what: `${system.rcu.length} RCU callbacks wait`,
      sources: ['F3.17', 'F9.9'],
      progress: { type: 'rcu.run' },
    });
  if (refusesUnknown(design))
    for (const feature of system.unsupported)
      found.push({
        where: 'host',
        domid: null,
        what: `${feature} is in use, for which no record exists`,
        sources: ['F13.7', 'Q7'],
        progress: null,
      });
  return found;
};

/** All obstacles of a host, domains in order of their ids, then the host's own. */
export const obstacles = (host: Host, ctx: BoundaryContext): Obstacle[] => [
  ...numericEntries(host.xen.domains).flatMap(([, d]) => domainObstacles(host, d, ctx)),
  ...systemObstacles(host, ctx),
];
