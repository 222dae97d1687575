/** The FIFO ABI: event words, queues and how a port is put on one (F6.6, F6.7). */
import {
  EVTCHN_FIFO_LINK_MASK,
  EVTCHN_FIFO_LINKED,
  EVTCHN_FIFO_MASKED,
  EVTCHN_FIFO_PENDING,
  EVTCHN_FIFO_WORDS_PER_PAGE,
} from '../../host/constants.ts';
import type { ContentOf, FifoControlBlock } from '../../host/content.ts';
import type { Domain } from '../../host/domain.ts';
import type { Mutable, MutableDomain, MutableVcpu, Reader, Transaction } from '../transaction.ts';
import { markEventsPending } from './vcpu-info.ts';

/** Has this bit of an event word been set? */
export const wordHas = (word: number, bit: number): boolean => ((word >>> bit) & 1) === 1;
const withBit = (word: number, bit: number): number => (word | (1 << bit)) >>> 0;
const withoutBit = (word: number, bit: number): number => (word & ~(1 << bit)) >>> 0;
export const linkOf = (word: number): number => word & EVTCHN_FIFO_LINK_MASK;
const withLink = (word: number, port: number): number =>
  ((word & ~EVTCHN_FIFO_LINK_MASK) | port) >>> 0;

/** The array page that holds a port's event word, or null: the array is not that long. */
const pageOf = (tx: Reader, d: Domain, port: number): Mutable<ContentOf<'fifo-array'>> | null =>
  tx.content(
    d.events.fifoArray[Math.floor(port / EVTCHN_FIFO_WORDS_PER_PAGE)] ?? null,
    'fifo-array',
  );

/** A port's event word, or null: none yet. */
export const wordOf = (tx: Reader, d: Domain, port: number): number | null => {
  const page = pageOf(tx, d, port);
  return page === null ? null : (page.words[port % EVTCHN_FIFO_WORDS_PER_PAGE] ?? 0);
};

const setWord = (tx: Transaction, d: MutableDomain, port: number, word: number): void => {
  const page = pageOf(tx, d, port);
  if (page !== null) page.words[port % EVTCHN_FIFO_WORDS_PER_PAGE] = word;
};

export const controlBlockOf = (
  tx: Transaction,
  v: MutableVcpu,
): Mutable<FifoControlBlock> | null => {
  if (v.fifo === null) return null;
  return tx.content(v.fifo.control.frame, 'fifo-control')?.blocks[v.fifo.control.offset] ?? null;
};

/** A port that is LINKED is busy: it may not be given to anyone (F6.9). */
export const isLinked = (tx: Reader, d: Domain, port: number): boolean =>
  wordHas(wordOf(tx, d, port) ?? 0, EVTCHN_FIFO_LINKED);

/** The old tail's word gets the link, if the guest has not unlinked it since. */
const linkTail = (tx: Transaction, d: MutableDomain, tail: number, port: number): boolean => {
  const word = wordOf(tx, d, tail);
  if (word === null || !wordHas(word, EVTCHN_FIFO_LINKED)) return false;
  setWord(tx, d, tail, withLink(word, port));
  return true;
};

/**
 * evtchn_fifo_set_pending: PENDING, and unless masked or linked already, onto
 * the queue of the port's priority on the vCPU that it notifies.
 */
export const setPendingFifo = (tx: Transaction, d: MutableDomain, port: number): void => {
  const channel = d.events.channels[port];
  if (channel === undefined) return;
  const before = wordOf(tx, d, port);
  if (before === null) {
    channel.pendingBeyondArray = true;
    return;
  }
  const word = withBit(before, EVTCHN_FIFO_PENDING);
  setWord(tx, d, port, word);
  const v = d.vcpus[channel.notifyVcpu];
  const control = v === undefined ? null : controlBlockOf(tx, v);
  if (v === undefined || v.fifo === null || control === null) return;
  if (wordHas(word, EVTCHN_FIFO_MASKED) || wordHas(word, EVTCHN_FIFO_LINKED)) return;
  setWord(tx, d, port, withLink(withBit(word, EVTCHN_FIFO_LINKED), 0));

  const { priority } = channel;
  const old = d.vcpus[channel.lastQueue.vcpu]?.fifo;
  if (old != null && old.tails[channel.lastQueue.priority] === port)
    old.tails[channel.lastQueue.priority] = 0;
  channel.lastQueue = { vcpu: v.id, priority };

  const tail = v.fifo.tails[priority] ?? 0;
  const linked = tail !== 0 && linkTail(tx, d, tail, port);
  if (!linked) control.heads[priority] = port;
  v.fifo.tails[priority] = port;
  if (linked || wordHas(control.ready, priority)) return;
  control.ready = withBit(control.ready, priority);
  markEventsPending(tx, d, v);
};

export const clearPendingFifo = (tx: Transaction, d: MutableDomain, port: number): void => {
  const word = wordOf(tx, d, port);
  if (word !== null && wordHas(word, EVTCHN_FIFO_PENDING))
    setWord(tx, d, port, withoutBit(word, EVTCHN_FIFO_PENDING));
};

/** Returns whether the port was masked. */
export const setMaskFifo = (
  tx: Transaction,
  d: MutableDomain,
  port: number,
  masked: boolean,
): void => {
  const word = wordOf(tx, d, port);
  if (word === null) return;
  const change = masked ? withBit : withoutBit;
  setWord(tx, d, port, change(word, EVTCHN_FIFO_MASKED));
};

/**
 * What the guest does on an upcall: takes the head of the highest ready queue
 * of the vCPU, unlinks it, and follows its link. Null: nothing is queued. The
 * port is delivered if it is pending and not masked.
 */
export const takeFromQueue = (
  tx: Transaction,
  d: MutableDomain,
  v: MutableVcpu,
): { readonly port: number; readonly delivered: boolean } | null => {
  const control = controlBlockOf(tx, v);
  if (control === null || control.ready === 0) return null;
  const priority = 31 - Math.clz32(control.ready & -control.ready);
  const port = control.heads[priority] ?? 0;
  const word = port === 0 ? null : wordOf(tx, d, port);
  if (word === null) {
    control.ready = withoutBit(control.ready, priority);
    return { port: 0, delivered: false };
  }
  const next = linkOf(word);
  const delivered = wordHas(word, EVTCHN_FIFO_PENDING) && !wordHas(word, EVTCHN_FIFO_MASKED);
  const unlinked = withLink(withoutBit(word, EVTCHN_FIFO_LINKED), 0);
  setWord(tx, d, port, delivered ? withoutBit(unlinked, EVTCHN_FIFO_PENDING) : unlinked);
  control.heads[priority] = next;
  if (next === 0) control.ready = withoutBit(control.ready, priority);
  return { port, delivered };
};
