/** EVTCHNOP_init_control and expand_array: setting the FIFO ABI up, and taking it down (F6.6, F6.8). */

import { numericEntries } from '../../host/codec.ts';
import {
  EVTCHN_FIFO_NR_CHANNELS,
  EVTCHN_FIFO_PRIORITIES,
  EVTCHN_FIFO_PRIORITY_DEFAULT,
  EVTCHN_FIFO_WORDS_PER_PAGE,
  PAGE_SIZE,
} from '../../host/constants.ts';
import { isPlain, takeForXen } from '../memory/guest-page.ts';
import { putPageAndType } from '../pages/puts.ts';
import { type Body, refuse } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { setPendingFifo } from './fifo.ts';
import { isPending } from './pending.ts';

/** The control block of vCPU `target`, at a byte offset of a page. */
export interface InitControl {
  readonly type: 'evtchn.init_control';
  readonly domid: number;
  readonly vcpu: number;
  readonly target: number;
  readonly gfn: number;
  readonly offset: number;
}
export interface ExpandArray {
  readonly type: 'evtchn.expand_array';
  readonly domid: number;
  readonly vcpu: number;
  readonly gfn: number;
}

/** struct evtchn_fifo_control_block: ready, reserved, one head for each priority. */
const CONTROL_BLOCK_BYTES = 8 + 4 * EVTCHN_FIFO_PRIORITIES;

const zeroes = (): number[] => new Array<number>(EVTCHN_FIFO_PRIORITIES).fill(0);

/**
 * The first init_control switches the ABI: what was pending is remembered by
 * port until there is an array, and priorities start at the default (F6.8).
 */
const switchToFifo = (tx: Transaction, d: MutableDomain): void => {
  for (const [port, channel] of numericEntries(d.events.channels)) {
    channel.pendingBeyondArray = isPending(tx, d, port);
    channel.priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
  }
  d.events.abi = 'fifo';
};

export const initControl: Body<InitControl> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const v = c.d.vcpus[e.target];
  if (v === undefined) return refuse('ENOENT', `no d${e.domid}v${e.target}`);
  if (e.offset % 8 !== 0 || e.offset < 0 || e.offset + CONTROL_BLOCK_BYTES > PAGE_SIZE)
    return refuse('EINVAL', `no control block fits at ${e.offset}`);
  if (v.fifo !== null) return refuse('EINVAL', `v${e.target} has a control block`);
  const frame = takeForXen(tx, c.d, e.gfn, 'fifo-control');
  if (typeof frame !== 'number') return frame;
  const blocks = tx.content(frame, 'fifo-control')?.blocks ?? {};
  blocks[e.offset] = { ready: 0, heads: zeroes() };
  tx.hardware.content[frame] = { kind: 'fifo-control', blocks };
  if (c.d.events.abi === '2l') switchToFifo(tx, c.d);
  v.fifo = { control: { frame, offset: e.offset }, tails: zeroes() };
  return null;
};

/** One more page of event words; events that were raised before it are raised again. */
export const expandArray: Body<ExpandArray> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const { events } = c.d;
  if (events.abi !== 'fifo') return refuse('EOPNOTSUPP', `d${e.domid} uses the 2-level ABI`);
  if (events.fifoArray.length * EVTCHN_FIFO_WORDS_PER_PAGE >= EVTCHN_FIFO_NR_CHANNELS)
    return refuse('ENOSPC', 'the event array is complete');
  const frame = takeForXen(tx, c.d, e.gfn, 'fifo-array');
  if (typeof frame !== 'number') return frame;
  if (!isPlain(tx, frame)) return 'not enabled';
  tx.hardware.content[frame] = { kind: 'fifo-array', words: {} };
  events.fifoArray.push(frame);
  for (const [port, channel] of numericEntries(events.channels)) {
    if (!channel.pendingBeyondArray || port >= events.fifoArray.length * EVTCHN_FIFO_WORDS_PER_PAGE)
      continue;
    channel.pendingBeyondArray = false;
    setPendingFifo(tx, c.d, port);
  }
  return null;
};

/** evtchn_fifo_destroy: control blocks and array pages are the guest's again; back to 2-level. */
export const destroyFifo = (tx: Transaction, d: MutableDomain): void => {
  for (const v of d.vcpus) {
    if (v.fifo === null) continue;
    putPageAndType(tx, v.fifo.control.frame);
    v.fifo = null;
  }
  for (const page of d.events.fifoArray) putPageAndType(tx, page);
  d.events.fifoArray = [];
  d.events.abi = '2l';
};
