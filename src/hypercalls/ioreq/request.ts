/**
 * The life of one I/O request (F9.1, F9.6): a vCPU of the target sends it, the
 * emulator takes and answers it, and the vCPU completes it when it runs next.
 */
import { numericEntries } from '../../host/codec.ts';
import { IOREQ, VPF } from '../../host/constants.ts';
import type { IoreqSlot } from '../../host/content.ts';
import { setPending } from '../event-channel/pending.ts';
import { type Body, refuse, type StepError } from '../step.ts';
import type { Mutable, MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { endDeferral, startDeferral } from '../vcpu/shutdown.ts';
import { caller, isCaller, runsUnlessParked, wouldRun } from '../vcpus.ts';

/** A vCPU touches a port or an address that the server claims. */
export interface IoreqSend {
  readonly type: 'ioreq.send';
  readonly domid: number;
  readonly vcpu: number;
  readonly server: number;
  readonly addr: number;
  readonly write: boolean;
}
/** The device model of `domid`'s server sees the request: READY to INPROCESS. */
export interface EmulatorTake {
  readonly type: 'emulator.take';
  readonly domid: number;
  readonly server: number;
  readonly vcpu: number;
}
/** It has done the work, says so in the slot, and notifies: INPROCESS to RESP_READY. */
export interface EmulatorRespond {
  readonly type: 'emulator.respond';
  readonly domid: number;
  readonly server: number;
  readonly vcpu: number;
}
/** vcpu_ioreq_handle_completion, on the way back into the guest. */
export interface VcpuCompleteIo {
  readonly type: 'vcpu.complete-io';
  readonly domid: number;
  readonly vcpu: number;
}

type Server = MutableDomain['ioreqServers'][number];

const slotOf = (tx: Transaction, s: Server, vcpu: number): Mutable<IoreqSlot> | null =>
  tx.content(s.ioreqPage, 'ioreq')?.slots[vcpu] ?? null;

/** notify_via_xen_event_channel: the emulator's end of a Xen-attached port. */
const notifyEmulator = (tx: Transaction, d: MutableDomain, port: number): void => {
  const binding = d.events.channels[port]?.binding;
  if (binding?.state !== 'interdomain') return;
  const emulator = tx.domain(binding.remoteDomid);
  if (emulator !== undefined) setPending(tx, emulator, binding.remotePort);
};

/**
 * ioreq_send. Deferral of shutdowns is asked for first; if a shutdown is under
 * way the vCPU stops instead and will execute the instruction again (F2.25).
 * A slot or a port that is not as Xen left it makes the access unhandled.
 */
export const send: Body<IoreqSend> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const { d, v } = c;
  if (d.type !== 'hvm') return 'not enabled';
  const s = d.ioreqServers[e.server];
  const sv = s?.vcpus[e.vcpu];
  if (s === undefined || sv === undefined || !s.enabled)
    return refuse('UNHANDLEABLE', `no enabled server ${e.server} for d${e.domid}v${e.vcpu}`);
  if (!startDeferral(tx, d, v)) {
    v.io.suspended = true;
    return null;
  }
  const slot = slotOf(tx, s, e.vcpu);
  if (slot === null) return refuse('UNHANDLEABLE', `server ${e.server} has no page of requests`);
  if (slot.state !== IOREQ.NONE)
    return refuse('UNHANDLEABLE', `bad IO state ${slot.state} of server ${e.server}`);
  if (slot.vpEport !== sv.port)
    return refuse('UNHANDLEABLE', `bad event channel ${slot.vpEport}, not ${sv.port}`);
  Object.assign(slot, { state: IOREQ.READY, addr: e.addr, dataIsWrite: e.write });
  sv.pending = true;
  v.io = { state: IOREQ.READY, completion: 'mmio', suspended: false };
  v.pauseFlags |= VPF.blocked_in_xen;
  v.runningOn = null;
  notifyEmulator(tx, d, sv.port);
  return null;
};

type Found = { readonly d: MutableDomain; readonly s: Server; readonly slot: Mutable<IoreqSlot> };

/** The slot, if the emulator's domain can run now and the slot is in `state`. */
const emulated = (
  tx: Transaction,
  e: EmulatorTake | EmulatorRespond,
  state: number,
): Found | StepError => {
  const d = tx.domain(e.domid);
  const s = d?.ioreqServers[e.server];
  const slot = s === undefined ? null : slotOf(tx, s, e.vcpu);
  if (d === undefined || s === undefined || slot === null || slot.state !== state)
    return 'not enabled';
  const emulator = tx.domain(s.emulator);
  if (emulator === undefined || !emulator.vcpus.some((v) => wouldRun(emulator, v)))
    return 'not enabled';
  return { d, s, slot };
};
const isFound = (f: Found | StepError): f is Found => typeof f === 'object' && 'slot' in f;

export const take: Body<EmulatorTake> = (tx, e) => {
  const f = emulated(tx, e, IOREQ.READY);
  if (!isFound(f)) return f;
  f.slot.state = IOREQ.INPROCESS;
  return null;
};

/** The notification reaches the Xen consumer of the port, which wakes the vCPU. */
export const respond: Body<EmulatorRespond> = (tx, e) => {
  const f = emulated(tx, e, IOREQ.INPROCESS);
  if (!isFound(f)) return f;
  f.slot.state = IOREQ.RESP_READY;
  const v = f.d.vcpus[e.vcpu];
  if (v !== undefined) v.pauseFlags &= ~VPF.blocked_in_xen;
  return null;
};

/** Slots of this vCPU in use, over all servers of its domain. */
const slotsInUse = (
  tx: Transaction,
  d: MutableDomain,
  v: MutableVcpu,
): { readonly s: Server; readonly slot: Mutable<IoreqSlot> }[] =>
  numericEntries(d.ioreqServers).flatMap(([, s]) => {
    const slot = slotOf(tx, s, v.id);
    return slot === null || slot.state === IOREQ.NONE ? [] : [{ s, slot }];
  });

/**
 * Consumes every answer and ends the emulation: slots RESP_READY to NONE,
 * deferral of shutdowns over, which may stop the vCPU at last. Enabled when
 * all servers have answered, also for an emulation that none was asked for.
 */
export const completeIo: Body<VcpuCompleteIo> = (tx, e) => {
  const d = tx.domain(e.domid);
  const v = d?.vcpus[e.vcpu];
  if (d === undefined || v === undefined || !runsUnlessParked(d, v)) return 'not enabled';
  const inUse = slotsInUse(tx, d, v);
  const inFlight =
    inUse.length > 0 ||
    v.io.state !== IOREQ.NONE ||
    v.io.completion !== 'none' ||
    v.deferShutdown ||
    v.io.suspended;
  if (!inFlight || inUse.some(({ slot }) => slot.state !== IOREQ.RESP_READY)) return 'not enabled';
  for (const { slot } of inUse) slot.state = IOREQ.NONE;
  for (const [, s] of numericEntries(d.ioreqServers)) {
    const sv = s.vcpus[v.id];
    if (sv !== undefined) sv.pending = false;
  }
  v.io = { state: IOREQ.NONE, completion: 'none', suspended: false };
  v.pauseFlags &= ~VPF.blocked_in_xen;
  endDeferral(tx, d, v);
  return null;
};
