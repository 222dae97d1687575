/**
 * A vCPU as Xen keeps it (F2.17 to F2.25, F3, F9.5). Left out: FPU and vector
 * state, segment and debug registers, MSRs. They are copied without
 * interpretation in every design discussed, so they can only be wrong
 * wholesale; one register file stands for all of it.
 */
import * as t from 'io-ts';
import { byNumber, Natural, nullable } from './codec.ts';
import { Mfn, VcpuId } from './ids.ts';

/**
 * Registers that carry a hypercall's state (F3.1): number in rax, arguments
 * in rdi, rsi, rdx, r10, r8. Values are 64-bit in hardware; the model keeps
 * those below 2^53, which all of them are (commands, counts, pointers of
 * 48 bits). `atHypercall`: rip stands *on* the hypercall instruction, so the
 * guest re-enters Xen with these registers when it runs next.
 */
export const Registers = t.readonly(
  t.type({
    rip: Natural,
    rax: Natural,
    rdi: Natural,
    rsi: Natural,
    rdx: Natural,
    r10: Natural,
    r8: Natural,
    atHypercall: t.boolean,
  }),
  'Registers',
);
export type Registers = t.TypeOf<typeof Registers>;

/** VCPUOP_set_singleshot_timer and set_periodic_timer; nanoseconds of Xen's system time (F10.12). */
export const VcpuTimers = t.readonly(
  t.type({
    singleshot: nullable(t.readonly(t.type({ timeout: Natural }))),
    periodic: nullable(t.readonly(t.type({ period: Natural, lastEvent: Natural }))),
  }),
  'VcpuTimers',
);
export type VcpuTimers = t.TypeOf<typeof VcpuTimers>;

/** RUNSTATE_*: 0 running, 1 runnable, 2 blocked, 3 offline (public/vcpu.h). */
export const Runstate = t.readonly(
  t.type({ state: Natural, entryTime: Natural, time: t.readonlyArray(Natural) }),
  'Runstate',
);
export type Runstate = t.TypeOf<typeof Runstate>;

/** A structure of the guest's that Xen keeps mapped: frame and byte offset in it. */
export const Placement = t.readonly(t.type({ frame: Mfn, offset: Natural }), 'Placement');
export type Placement = t.TypeOf<typeof Placement>;

/** The deferred put of one page table (F8.9). */
export const OldGuestTable = t.readonly(
  t.type({ frame: Mfn, partial: t.boolean }),
  'OldGuestTable',
);
export type OldGuestTable = t.TypeOf<typeof OldGuestTable>;

/** v->io: the emulation in flight (F9.5); state as in IOREQ. */
export const VcpuIo = t.readonly(
  t.type({
    state: Natural,
    completion: t.keyof({ none: null, mmio: null, pio: null, realmode: null }),
    suspended: t.boolean,
  }),
  'VcpuIo',
);
export type VcpuIo = t.TypeOf<typeof VcpuIo>;

/** Control block and, Xen-private, the tail of each of the 16 queues (F6.6). */
export const VcpuFifo = t.readonly(
  t.type({ control: Placement, tails: t.readonlyArray(Natural) }),
  'VcpuFifo',
);
export type VcpuFifo = t.TypeOf<typeof VcpuFifo>;

export const Vcpu = t.readonly(
  t.type({
    id: VcpuId,
    /** VCPUOP_initialise was done; a vCPU that is only allocated is down. */
    initialised: t.boolean,
    /** On a physical CPU now, or null: descheduled. */
    runningOn: nullable(Natural),
    /** VPF bits (F2.17). */
    pauseFlags: Natural,
    pauseCount: Natural,
    controllerPauseCount: Natural,
    /** SCHEDOP_poll: ports waited for; empty is "not polling". */
    pollPorts: t.readonlyArray(Natural),
    pausedForShutdown: t.boolean,
    deferShutdown: t.boolean,
    registers: Registers,
    /** PV: frame in the kernel's and the user's cr3; null: none loaded, or not PV (F8.5). */
    guestTable: nullable(Mfn),
    guestTableUser: nullable(Mfn),
    /** PV: frames of the descriptor tables, each of type seg_desc. */
    gdtFrames: t.readonlyArray(Mfn),
    oldGuestTable: nullable(OldGuestTable),
    timers: VcpuTimers,
    runstate: Runstate,
    /** Registered place of vcpu_info; null: in shared_info. */
    vcpuInfo: nullable(Placement),
    /** Virtual address of the runstate area as the guest registered it, null: none. */
    runstateArea: nullable(Natural),
    /** Port of each bound VIRQ (F6.3, I6.3). */
    virqToPort: byNumber(Natural),
    fifo: nullable(VcpuFifo),
    io: VcpuIo,
    /** Its stack is parked on a wait queue (F3.18). */
    onWaitQueue: t.boolean,
    /** An event waiting to be injected, by vector; null: none (F10.11). */
    injectVector: nullable(Natural),
  }),
  'Vcpu',
);
export type Vcpu = t.TypeOf<typeof Vcpu>;

export const idleRegisters: Registers = {
  rip: 0,
  rax: 0,
  rdi: 0,
  rsi: 0,
  rdx: 0,
  r10: 0,
  r8: 0,
  atHypercall: false,
};
