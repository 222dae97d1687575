/**
 * What a vCPU gets that stands at a hypercall and enters Xen again (F3.1):
 * the outcome, as far as the guest or a tool can tell. Pure; the hypercalls
 * themselves are in `src/hypercalls`. Registers as `continueLater` leaves
 * them: the number in rax, the command in rdi, the target domain in rsi.
 */
import type { XenVersion } from '../../src/design/versions.ts';
import { numericEntries } from '../../src/host/codec.ts';
import { DOMCTL, HYPERVISOR } from '../../src/host/constants.ts';
import type { ContentOf } from '../../src/host/content.ts';
import { type Domain, pagingOpText } from '../../src/host/domain.ts';
import {
  type ExtentsCall,
  extentsCallOf,
  type MulticallRest,
  multicallOf,
} from '../../src/host/guest-buffer.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import { forEachP2mEntry } from '../../src/host/references.ts';
import { type ResetCall, resetCallOf } from '../../src/host/reset-call.ts';
import type { Registers } from '../../src/host/vcpu.ts';

export type Outcome =
  /** Refused with an error that the guest sees. */
  | { readonly kind: 'error'; readonly errno: string }
  /** Over: this is in rax. */
  | { readonly kind: 'returns'; readonly value: number }
  /** Goes on with what is left of it. */
  | { readonly kind: 'continues'; readonly what: string }
  /** A reset of event channels: from which port, and whether a port below is open again (F5.4). */
  | {
      readonly kind: 'reset';
      readonly target: number;
      readonly from: number;
      readonly openBelow: boolean;
    };

/** A running Xen, and the version that the guest's tools were built for (F3.9). */
export interface Situation {
  readonly host: Host;
  readonly version: XenVersion;
  readonly tools: XenVersion;
}

/** The count argument of a continued MM hypercall has bit 31 set (F3.4, C1). */
const MMU_UPDATE_PREEMPTED = 0x8000_0000;

const error = (errno: string): Outcome => ({ kind: 'error', errno });

/** Is a port below `cursor` open that a reset from the start would close? */
const hasOpenPort = (d: Domain, cursor: number): boolean =>
  numericEntries(d.events.channels).some(([port, c]) => port < cursor && c.xenConsumer === null);

/** EVTCHNOP_reset, a soft reset, and their continuations (F5.2, F5.3, F5.6, F5.7). */
const resetOutcome = (s: Situation, caller: number, call: ResetCall): Outcome => {
  const continued = call.resuming;
  if (continued && !s.version.hasResetCont) return error('ENOSYS');
  const d = s.host.xen.domains[call.target];
  if (d === undefined) return error('ESRCH');
  if (d.domid !== caller && d.controllerPauseCount === 0) return error('EINVAL');
  const cursor = d.events.nextEvtchn;
  // A fresh one while one is in progress, or a resumed one while none is.
  if (continued === (cursor === 0)) return error('EBUSY');
  const from = continued ? cursor : 1;
  return { kind: 'reset', target: d.domid, from, openBelow: hasOpenPort(d, from) };
};

/** Domctls come again as they were (C5); destroydomain goes on where the domain is (F4.1). */
const domctlOutcome = (s: Situation, caller: number, r: Registers): Outcome => {
  if (s.version.domctlInterface !== s.tools.domctlInterface) return error('EACCES');
  const reset = resetCallOf(r);
  if (reset !== null) return resetOutcome(s, caller, reset);
  if (r.rdi !== DOMCTL.destroydomain)
    return { kind: 'continues', what: `domctl ${r.rdi} of d${r.rsi} from its start` };
  const d = s.host.xen.domains[r.rsi];
  if (d === undefined) return error('ESRCH');
  if (d.dying === 'dead') return { kind: 'returns', value: 0 };
  return { kind: 'continues', what: `destroydomain of d${r.rsi}` };
};

/** F3.11: only the caller of the operation, with the same operation, may resume it. */
const pagingOutcome = (s: Situation, caller: number, r: Registers): Outcome => {
  const d = s.host.xen.domains[r.rsi];
  if (d === undefined) return error('ESRCH');
  const preempt = d.pagingPreempt;
  if (preempt === null || preempt.caller !== caller) return error('EBUSY');
  return {
    kind: 'continues',
    what: `${pagingOpText(preempt.op)} of d${r.rsi} after ${preempt.done}`,
  };
};

/**
 * F3.5: with only the old table left of the call, it returns what is in r10,
 * whether Xen has the table to put away or has lost sight of it: dropping a
 * reference is nothing that a guest sees. Otherwise the requests left are in
 * the registers; a half-validated table is validated again from its start.
 */
const mmOutcome = (r: Registers): Outcome =>
  r.rdi === 0 && r.rsi === MMU_UPDATE_PREEMPTED
    ? { kind: 'returns', value: r.r10 }
    : { kind: 'continues', what: `MM hypercall ${r.rax} with ${argumentsOf(r)}` };

/** A buffer in the memory of a guest, by the name that it has for the page. */
const bufferOf = <K extends 'extents' | 'multicall'>(
  { hardware, xen }: Host,
  domid: number,
  gfn: number,
  kind: K,
): ContentOf<K> | null => {
  const d = xen.domains[domid];
  let frame = gfn;
  if (d !== undefined && d.type !== 'pv')
    forEachP2mEntry(hardware, d, (at, f) => {
      if (at === gfn) frame = f;
    });
  return contentOf(hardware, frame, kind);
};

/** C1 and C2: the extents that are left, by the start in a register or the count in the buffer. */
const extentsLeft = (host: Host, domid: number, call: ExtentsCall): string => {
  const buffer = bufferOf(host, domid, call.gfn, 'extents');
  if (buffer === null) return `${call.command} without a buffer`;
  const done = call.command === 'exchange' ? buffer.exchanged : call.start;
  return `${call.command} of [${buffer.gfns.slice(done).join(', ')}] after ${done}`;
};

/** F3.3: each entry that is left, with its arguments as they are in the list by now. */
const entriesLeft = (host: Host, domid: number, rest: MulticallRest): string => {
  const list = bufferOf(host, domid, rest.gfn, 'multicall');
  if (list === null) return 'multicall without a list';
  const entries = list.calls.slice(rest.next, rest.next + rest.left).map(({ op, args }) => {
    const extents = extentsCallOf(op, args);
    return extents === null ? `${op}(${args.join(', ')})` : extentsLeft(host, domid, extents);
  });
  return `multicall at entry ${rest.next}: ${entries.join('; ')}`;
};

/** C1, C2: everything that is left of it is in registers and in guest memory. */
const memoryOutcome = (host: Host, domid: number, r: Registers): Outcome => {
  const rest = multicallOf(r);
  const extents = extentsCallOf(r.rax, [r.rdi, r.rsi]);
  const left =
    rest !== null
      ? `, ${entriesLeft(host, domid, rest)}`
      : extents !== null
        ? `, ${extentsLeft(host, domid, extents)}`
        : '';
  return { kind: 'continues', what: `hypercall ${r.rax} with ${argumentsOf(r)}${left}` };
};

const argumentsOf = (r: Registers): string => `(${[r.rdi, r.rsi, r.rdx, r.r10, r.r8].join(', ')})`;

/** The outcome for one vCPU; of one that stands at no hypercall, what its last one returned. */
export const reentry = (s: Situation, domid: number, vcpu: number): Outcome => {
  const r = s.host.xen.domains[domid]?.vcpus[vcpu]?.registers;
  if (r === undefined) return error('no such vCPU');
  if (!r.atHypercall) return { kind: 'returns', value: r.rax };
  switch (r.rax) {
    case HYPERVISOR.event_channel_op: {
      const reset = resetCallOf(r);
      if (reset !== null) return resetOutcome(s, domid, reset);
      break;
    }
    case HYPERVISOR.domctl:
      return domctlOutcome(s, domid, r);
    case HYPERVISOR.sysctl:
      if (s.version.sysctlInterface !== s.tools.sysctlInterface) return error('EACCES');
      break;
    case HYPERVISOR.paging_domctl_cont:
      return pagingOutcome(s, domid, r);
    case HYPERVISOR.mmu_update:
    case HYPERVISOR.mmuext_op:
      return mmOutcome(r);
  }
  return memoryOutcome(s.host, domid, r);
};

/**
 * Can nobody tell two outcomes apart? A reset that starts again ends like the
 * one that would have gone on, because closing a closed port does nothing;
 * but not if a port below the cursor was opened meanwhile: that one would
 * have stayed, and the call ended with -EAGAIN (F5.4).
 */
export const sameOutcome = (a: Outcome, b: Outcome): boolean => {
  if (a.kind === 'reset' && b.kind === 'reset')
    return a.target === b.target && (a.from === b.from || (!a.openBelow && !b.openBelow));
  return describeOutcome(a) === describeOutcome(b);
};

/** The outcome in words: "-EBUSY", "continues at port 65". */
export const describeOutcome = (o: Outcome): string => {
  switch (o.kind) {
    case 'error':
      return `-${o.errno}`;
    case 'returns':
      return `returns 0x${o.value.toString(16)}`;
    case 'continues':
      return `continues ${o.what}`;
    case 'reset':
      return o.from === 1
        ? `resets the ports of d${o.target} from the start`
        : `continues the reset of d${o.target} at port ${o.from}` +
            (o.openBelow ? ', with ports open below' : '');
  }
};
