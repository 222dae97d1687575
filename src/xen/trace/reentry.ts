/**
 * Is this hypercall entry a new call, or a preempted one that goes on?
 *
 * A hypercall that runs long is preempted: Xen rewinds the guest's
 * instruction pointer and the guest enters again (a continuation). The entry
 * records of both look alike, and those of domctl carry no argument. What
 * tells them apart is what the vCPU did in between. Fitted to real traces of
 * one host (dom0 Linux 6.1, Xen 4.17 under emulation):
 *
 * - Nothing but scheduler work of Xen: a 64-bit PV kernel cannot reach user
 *   space and come back without a hypercall (`iret`).
 * - The dom0 timer's interrupt alone, that is `vcpu_op` with
 *   VCPUOP_set_singleshot_timer and then `iret`, and the entry follows the
 *   iret at once: 4 to 10 us after it for continuations. A fresh call takes
 *   the way back to user space and into the kernel again: 109 us.
 *
 * The rule finds 36 of the 37 continuations of destroying a 256 MiB domain,
 * and none among the 15 repeated domctls of creating one. The one missed has
 * scheduler work between the iret and the entry; such an entry is `unclear`.
 * A faster machine needs another bound for the second case.
 *
 * Only domctl and sysctl are judged: a kernel passes them on one by one for a
 * program, whereas it makes calls such as mmu_update in a row by itself.
 */
import { differenceOf, type U64 } from './u64.ts';

/** __HYPERVISOR_iret. */
const OP_IRET = 23;
/** __HYPERVISOR_vcpu_op. */
const OP_VCPU_OP = 24;
/** __HYPERVISOR_sysctl. */
const OP_SYSCTL = 35;
/** __HYPERVISOR_domctl. */
const OP_DOMCTL = 36;
/** VCPUOP_set_singleshot_timer: what a Linux timer interrupt asks for. */
const SET_SINGLESHOT_TIMER = 8;

/** Between the 10 us seen of continuations and the 109 us of a fresh call. */
export const DEFAULT_RETURN_US = 30;

/** What a vCPU is seen to do, as far as the rule looks at it. */
export type EntrySight =
  /** It enters Xen; `cmd` is argument 0, -1 where the record has none. */
  | { readonly kind: 'hypercall'; readonly op: number; readonly cmd: number; readonly at: U64 }
  /** The scheduler ran and kept it. */
  | { readonly kind: 'kept' }
  /** It left its CPU, or records of that CPU are lost. */
  | { readonly kind: 'switched' };

/** What is remembered of a vCPU since its last entry that may be preempted. */
export interface EntryTrack {
  readonly op: number;
  /** inside: nothing entered since; upcall: the timer was set; returned: and iret. */
  readonly stage: 'inside' | 'upcall' | 'returned';
  /** Whether something else than the rule's own happened: then it stays open. */
  readonly disturbed: boolean;
  /** Time of the iret; meaningful in stage `returned`. */
  readonly returnedAt: U64;
}

/**
 * `reentry`: the rule holds. `unclear`: only its time or a disturbance is
 * against it. `first`: the vCPU did other things since its last such call,
 * or made none.
 */
export type EntryVerdict = 'first' | 'reentry' | 'unclear';

/** What follows from a sight; `verdict` only for an entry of domctl or sysctl. */
export interface EntryJudgement {
  readonly track: EntryTrack | undefined;
  readonly verdict: EntryVerdict | undefined;
}

const ZERO: U64 = { hi: 0, lo: 0 };

const entered = (op: number, verdict: EntryVerdict): EntryJudgement => ({
  track: { op, stage: 'inside', disturbed: false, returnedAt: ZERO },
  verdict,
});

const isTimer = (op: number, cmd: number): boolean =>
  op === OP_VCPU_OP && cmd === SET_SINGLESHOT_TIMER;

const verdictOf = (track: EntryTrack, at: U64, maxCycles: number | undefined): EntryVerdict => {
  if (track.stage === 'upcall') return 'first';
  if (track.disturbed) return 'unclear';
  if (track.stage === 'inside') return 'reentry';
  return maxCycles !== undefined && differenceOf(at, track.returnedAt) <= maxCycles
    ? 'reentry'
    : 'unclear';
};

/**
 * Takes one sight of a vCPU. Pure: `track` is what the last judgement of the
 * same vCPU answered, `undefined` at the start.
 *
 * @param maxCycles TSC cycles from iret to entry that still count as at once;
 *   `undefined` when the TSC's rate is not known, which leaves those unclear
 */
export const judgeEntry = (
  track: EntryTrack | undefined,
  sight: EntrySight,
  maxCycles: number | undefined,
): EntryJudgement => {
  if (sight.kind !== 'hypercall') {
    const disturbs = sight.kind === 'switched' || track?.stage === 'returned';
    return {
      track: track !== undefined && disturbs ? { ...track, disturbed: true } : track,
      verdict: undefined,
    };
  }
  const { op, cmd, at } = sight;
  if (track?.stage === 'inside' && isTimer(op, cmd)) {
    return { track: { ...track, stage: 'upcall' }, verdict: undefined };
  }
  if (track?.stage === 'upcall' && op === OP_IRET) {
    return { track: { ...track, stage: 'returned', returnedAt: at }, verdict: undefined };
  }
  if (op !== OP_DOMCTL && op !== OP_SYSCTL) return { track: undefined, verdict: undefined };
  return track?.op === op ? entered(op, verdictOf(track, at, maxCycles)) : entered(op, 'first');
};
