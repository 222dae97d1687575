/**
 * A multicall: hypercalls one after the other, from a list in the guest's
 * memory (F3.3). When it is preempted, what is left is in that list and in
 * registers: arguments of the entry that was interrupted go back into it, and
 * the call goes on with the rest of the list. Nothing of it stays in Xen.
 *
 * Left out: calls that keep their progress in Xen (an EVTCHNOP_reset, an MM
 * operation). In a list their sub-op would be in the guest's memory, where
 * nothing but the guest's next entry finds it.
 */
import { EVTCHNOP, HYPERVISOR, PAGE_SIZE } from '../../host/constants.ts';
import type { MulticallEntry } from '../../host/content.ts';
import {
  type ExtentsCall,
  extentsArgs,
  extentsCallOf,
  MULTICALL_ENTRY,
  type MulticallRest,
  multicallArgs,
} from '../../host/guest-buffer.ts';
import { errorWord } from '../errno.ts';
import { sendTo } from '../event-channel/send.ts';
import { type Came, goOverExtents, writeExtents } from '../memory/extents.ts';
import { ownPage, writablePage } from '../memory/guest-page.ts';
import type { Body } from '../step.ts';
import type { Mutable, MutableDomain, MutableVcpu, Transaction } from '../transaction.ts';
import { caller, continueLater, finishHypercall, isCaller } from '../vcpus.ts';

/** An entry as the guest means it; a memory_op has its buffer in the page `at`. */
export type MulticallOp =
  | { readonly op: 'send'; readonly port: number }
  | {
      readonly op: ExtentsCall['command'];
      readonly at: number;
      readonly gfns: readonly number[];
    };

/**
 * The guest writes the list to its page `at`, and makes the call. `done`: it
 * is preempted after so many entries, `inside` extents into the next one if
 * that is a memory_op; null: it is not.
 */
export interface Multicall {
  readonly type: 'multicall';
  readonly domid: number;
  readonly vcpu: number;
  readonly at: number;
  readonly calls: readonly MulticallOp[];
  readonly done: number | null;
  readonly inside: number;
}

const argsOf = (call: MulticallOp): Omit<MulticallEntry, 'result'> =>
  call.op === 'send'
    ? { op: HYPERVISOR.event_channel_op, args: [EVTCHNOP.send, call.port] }
    : {
        op: HYPERVISOR.memory_op,
        args: extentsArgs({ command: call.op, start: 0, gfn: call.at }),
      };

/** One entry, for at most `limit` extents. */
const enter = (
  tx: Transaction,
  d: MutableDomain,
  entry: MulticallEntry,
  limit: number | null,
): Came => {
  const [command, port = 0] = entry.args;
  if (entry.op === HYPERVISOR.event_channel_op && command === EVTCHNOP.send) {
    const failed = sendTo(tx, d, port);
    return { result: failed === null ? 0 : errorWord(failed.errno) };
  }
  const extents = extentsCallOf(entry.op, entry.args);
  if (extents === null) return { result: errorWord('ENOSYS') };
  return goOverExtents(tx, d, extents, limit);
};

/** Where it is preempted: before which entry of the page, and how far in that one. */
interface Until {
  readonly entry: number;
  readonly inside: number;
}

const goOn = (
  tx: Transaction,
  d: MutableDomain,
  v: MutableVcpu,
  rest: MulticallRest,
  until: Until | null,
): void => {
  const list = tx.content(ownPage(tx, d, rest.gfn), 'multicall');
  const end = rest.next + rest.left;
  if (list === null || end > list.calls.length) {
    finishHypercall(v, errorWord('EFAULT'));
    return;
  }
  for (let i = rest.next; i < end; i++) {
    const entry = list.calls[i] as Mutable<MulticallEntry>;
    const stops = until?.entry === i;
    const came: Came | null =
      stops && until.inside === 0 ? null : enter(tx, d, entry, stops ? until.inside : null);
    if (came !== null && 'result' in came) entry.result = came.result;
    if (came !== null && 'preempted' in came) entry.args = [...came.preempted];
    if (!stops) continue;
    // An entry that came to its end before it could be preempted is not entered again.
    const next = came !== null && 'result' in came ? i + 1 : i;
    const args = multicallArgs({ gfn: rest.gfn, next, left: end - next });
    continueLater(v, HYPERVISOR.multicall, ...args);
    return;
  }
  finishHypercall(v, 0);
};

export const multicall: Body<Multicall> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const frame = writablePage(tx, c.d, e.at);
  const pages = e.calls.flatMap((call) => (call.op === 'send' ? [] : [call.at, ...call.gfns]));
  const fits = e.calls.length > 0 && e.calls.length <= PAGE_SIZE / MULTICALL_ENTRY;
  if (frame === null || !fits || pages.includes(e.at)) return 'not enabled';
  for (const call of e.calls)
    if (call.op !== 'send' && !writeExtents(tx, c.d, call.at, call.gfns)) return 'not enabled';
  const calls = e.calls.map((call) => ({ ...argsOf(call), result: null }));
  tx.hardware.content[frame] = { kind: 'multicall', calls: calls as Mutable<MulticallEntry>[] };
  const rest = { gfn: e.at, next: 0, left: calls.length };
  goOn(tx, c.d, c.v, rest, e.done === null ? null : { entry: e.done, inside: e.inside });
  return null;
};

/** Carries a preempted multicall to its end. */
export const finishMulticall = (
  tx: Transaction,
  d: MutableDomain,
  v: MutableVcpu,
  rest: MulticallRest,
): void => goOn(tx, d, v, rest, null);
