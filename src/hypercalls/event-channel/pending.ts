/** Pending and mask bits of a port, in the ABI that the domain uses (F6.5 to F6.7). */
import { EVTCHN_FIFO_MASKED, EVTCHN_FIFO_PENDING, VPF } from '../../host/constants.ts';
import type { Domain } from '../../host/domain.ts';
import type { MutableDomain, Reader, Transaction } from '../transaction.ts';
import { unblock } from '../vcpus.ts';
import { clearPendingFifo, setMaskFifo, setPendingFifo, wordHas, wordOf } from './fifo.ts';
import { markEventsPending, vcpuInfoOf } from './vcpu-info.ts';

/** Ports that one bit of pending_sel stands for: the width of the guest's words. */
const selectorOf = (d: MutableDomain, port: number): number => Math.floor(port / d.config.width);

/** A selector bit; the model's words are exact up to bit 52, ports beyond raise only the upcall. */
const MAX_SELECTOR_BIT = 52;
const bitIsSet = (word: number, bit: number): boolean => Math.floor(word / 2 ** bit) % 2 === 1;

const insert = (sorted: number[], n: number): boolean => {
  const at = sorted.findIndex((x) => x >= n);
  if (sorted[at] === n) return false;
  sorted.splice(at < 0 ? sorted.length : at, 0, n);
  return true;
};

const remove = (sorted: number[], n: number): void => {
  const at = sorted.indexOf(n);
  if (at >= 0) sorted.splice(at, 1);
};

/** Sets the selector bit and raises the upcall, if the bit was clear. */
const select2l = (tx: Transaction, d: MutableDomain, port: number): void => {
  const v = d.vcpus[d.events.channels[port]?.notifyVcpu ?? 0];
  const info = v === undefined ? null : vcpuInfoOf(tx, d, v);
  if (v === undefined || info === null) return;
  const bit = selectorOf(d, port);
  if (bit <= MAX_SELECTOR_BIT) {
    if (bitIsSet(info.pendingSel, bit)) return;
    info.pendingSel += 2 ** bit;
  }
  markEventsPending(tx, d, v);
};

const setPending2l = (tx: Transaction, d: MutableDomain, port: number): void => {
  const shared = tx.content(d.sharedInfo, 'shared_info');
  if (shared === null || !insert(shared.pending, port)) return;
  if (!shared.masked.includes(port)) select2l(tx, d, port);
};

/** evtchn_check_pollers: vCPUs in SCHEDOP_poll for this port go on. */
const checkPollers = (d: MutableDomain, port: number): void => {
  for (const v of d.vcpus)
    if ((v.pauseFlags & VPF.blocked) !== 0 && v.pollPorts.includes(port)) unblock(v);
};

/** evtchn_port_set_pending: the port has an event. */
export const setPending = (tx: Transaction, d: MutableDomain, port: number): void => {
  if (d.events.abi === '2l') setPending2l(tx, d, port);
  else setPendingFifo(tx, d, port);
  checkPollers(d, port);
};

export const clearPending = (tx: Transaction, d: MutableDomain, port: number): void => {
  const shared = tx.content(d.sharedInfo, 'shared_info');
  if (d.events.abi === 'fifo') clearPendingFifo(tx, d, port);
  else if (shared !== null) remove(shared.pending, port);
};

export const isPending = (tx: Reader, d: Domain, port: number): boolean =>
  d.events.abi === 'fifo'
    ? wordHas(wordOf(tx, d, port) ?? 0, EVTCHN_FIFO_PENDING) ||
      d.events.channels[port]?.pendingBeyondArray === true
    : (tx.content(d.sharedInfo, 'shared_info')?.pending.includes(port) ?? false);

export const isMasked = (tx: Reader, d: Domain, port: number): boolean =>
  d.events.abi === 'fifo'
    ? wordHas(wordOf(tx, d, port) ?? 0, EVTCHN_FIFO_MASKED)
    : (tx.content(d.sharedInfo, 'shared_info')?.masked.includes(port) ?? false);

/** The guest masks a port: a write to its own memory, which Xen only reads. */
export const mask = (tx: Transaction, d: MutableDomain, port: number): void => {
  const shared = tx.content(d.sharedInfo, 'shared_info');
  if (d.events.abi === 'fifo') setMaskFifo(tx, d, port, true);
  else if (shared !== null) insert(shared.masked, port);
};

/** evtchn_port_unmask: clears the mask and, if an event waits, delivers it. */
export const unmask = (tx: Transaction, d: MutableDomain, port: number): void => {
  if (d.events.abi === 'fifo') {
    setMaskFifo(tx, d, port, false);
    if (wordHas(wordOf(tx, d, port) ?? 0, EVTCHN_FIFO_PENDING)) setPendingFifo(tx, d, port);
    return;
  }
  const shared = tx.content(d.sharedInfo, 'shared_info');
  if (shared === null || !shared.masked.includes(port)) return;
  remove(shared.masked, port);
  if (shared.pending.includes(port)) select2l(tx, d, port);
};
