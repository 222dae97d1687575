/**
 * TRC_PV_HYPERCALL_V2 and TRC_PV_HYPERCALL_SUBCALL: the number of the call
 * and those arguments that Xen chose to record (public/trace.h). Presence is
 * two bits per argument in word 0 from bit 20 on; the arguments follow in
 * order, one word or two.
 */
import type { TraceRecord } from '../record.ts';

/** TRC_PV_HYPERCALL_V2. */
export const PV_HYPERCALL = 0x0020_100d;
/** TRC_PV_HYPERCALL_SUBCALL: one call of a multicall. */
export const PV_HYPERCALL_SUBCALL = 0x0020_200e;

const MAX_ARGUMENTS = 6;

/** A recorded argument; `hi` is 0 for one of 32 bits. */
interface HypercallArgument {
  /** Position in the call, 0 to 5. */
  readonly index: number;
  readonly bits: 32 | 64;
  readonly hi: number;
  readonly lo: number;
}

/** A hypercall entry, or a call within a multicall. */
export interface HypercallEvent {
  readonly type: 'pv_hypercall' | 'pv_hypercall_subcall';
  /** __HYPERVISOR_* number. */
  readonly op: number;
  readonly args: readonly HypercallArgument[];
}

/** Number of the hypercall in word 0 of either record. */
export const hypercallOp = (record: TraceRecord): number => record.word(0) & 0xf_ffff;

const presence = (word: number, index: number): number => (word >>> (20 + 2 * index)) & 3;

/**
 * Low 32 bits of argument `index`, or -1 when the record does not have it.
 * The way without objects; commands (`cmd`) fit.
 */
export const hypercallArg = (record: TraceRecord, index: number): number => {
  const word = record.word(0);
  const present = presence(word, index);
  if (present !== 1 && present !== 2) return -1;
  let at = 1;
  for (let before = 0; before < index; before++) {
    const words = presence(word, before);
    if (words === 3) return -1;
    at += words;
  }
  return at < record.words ? record.word(at) : -1;
};

/** The call with its arguments, or `undefined` when word 0 and the length do not agree. */
export const readHypercall = (record: TraceRecord): HypercallEvent | undefined => {
  if (record.words === 0) return undefined;
  const word = record.word(0);
  const args: HypercallArgument[] = [];
  let at = 1;
  for (let index = 0; index < MAX_ARGUMENTS; index++) {
    const present = presence(word, index);
    if (present === 3) return undefined;
    if (present === 0) continue;
    args.push(
      present === 1
        ? { index, bits: 32, hi: 0, lo: record.word(at) }
        : { index, bits: 64, hi: record.word(at + 1), lo: record.word(at) },
    );
    at += present;
  }
  if (at !== record.words) return undefined;
  const type = record.event === PV_HYPERCALL ? 'pv_hypercall' : 'pv_hypercall_subcall';
  return { type, op: word & 0xf_ffff, args };
};
