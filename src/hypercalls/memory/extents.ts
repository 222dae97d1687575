/**
 * memory_op over several extents, which Xen preempts between any two of them.
 * XENMEM_decrease_reservation keeps the start extent in its command word (C1);
 * XENMEM_exchange counts in the guest's own buffer (C2, F3.4).
 */
import { HYPERVISOR } from '../../host/constants.ts';
import { type ExtentsCall, extentsArgs } from '../../host/guest-buffer.ts';
import { ERRNO, errorWord } from '../errno.ts';
import type { Body, StepError } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { caller, continueLater, finishHypercall, isCaller } from '../vcpus.ts';
import { ownPage, writablePage } from './guest-page.ts';
import { exchangePage, removePage } from './reservation.ts';

/**
 * The guest writes a buffer to its page `at` and makes the call. `done`: it is
 * preempted after so many extents; null: it is not.
 */
export interface MemoryExtents {
  readonly type: 'memory.extents';
  readonly domid: number;
  readonly vcpu: number;
  readonly command: ExtentsCall['command'];
  readonly at: number;
  readonly gfns: readonly number[];
  readonly done: number | null;
}

/** Extents in one call: as many as a page of names holds. */
export const MAX_EXTENTS = 512;

/** The guest writes the buffer; false: it has no such page to write to, or means its own harm. */
export const writeExtents = (
  tx: Transaction,
  d: MutableDomain,
  at: number,
  gfns: readonly number[],
): boolean => {
  const frame = writablePage(tx, d, at);
  if (frame === null || gfns.includes(at) || gfns.length > MAX_EXTENTS) return false;
  tx.hardware.content[frame] = { kind: 'extents', gfns: [...gfns], exchanged: 0 };
  return true;
};

/** How far such a call came: over with this result, or preempted with these arguments. */
export type Came = { readonly result: number } | { readonly preempted: readonly [number, number] };

/**
 * Goes on with a call as its arguments and its buffer say, for at most `limit`
 * more extents. An extent that is refused ends it: decrease_reservation
 * returns how many were given back, exchange the error.
 */
export const goOverExtents = (
  tx: Transaction,
  d: MutableDomain,
  call: ExtentsCall,
  limit: number | null,
): Came => {
  const buffer = tx.content(ownPage(tx, d, call.gfn), 'extents');
  if (buffer === null) return { result: errorWord('EFAULT') };
  const isExchange = call.command === 'exchange';
  // Only the number of a PV guest's pages is the machine's own (F8.18).
  if (isExchange && d.type !== 'pv') return { result: errorWord('ENOSYS') };
  const one: (tx: Transaction, d: MutableDomain, gfn: number) => StepError | null = isExchange
    ? exchangePage
    : removePage;
  const start = isExchange ? buffer.exchanged : call.start;
  const end = limit === null ? Infinity : start + limit;
  for (const [i, gfn] of buffer.gfns.entries()) {
    if (i < start) continue;
    if (isExchange) buffer.exchanged = i;
    if (i >= end) return { preempted: extentsArgs({ ...call, start: i }) };
    const failed = one(tx, d, gfn);
    if (failed === null) continue;
    if (!isExchange) return { result: i };
    return { result: failed === 'not enabled' ? -ERRNO.EINVAL : errorWord(failed.errno) };
  }
  if (isExchange) buffer.exchanged = buffer.gfns.length;
  return { result: isExchange ? 0 : buffer.gfns.length };
};

export const extents: Body<MemoryExtents> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (e.command === 'exchange' && c.d.type !== 'pv') return 'not enabled';
  if (!writeExtents(tx, c.d, e.at, e.gfns)) return 'not enabled';
  const call = { command: e.command, start: 0, gfn: e.at };
  const came = goOverExtents(tx, c.d, call, e.done);
  if ('preempted' in came) continueLater(c.v, HYPERVISOR.memory_op, ...came.preempted);
  else finishHypercall(c.v, came.result);
  return null;
};
