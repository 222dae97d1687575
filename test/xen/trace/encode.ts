/** An encoder of xentrace files for tests, written from public/trace.h alone. */
import type { U64 } from '../../../src/xen/trace/u64.ts';

export interface Sample {
  readonly event: number;
  /** TSC, or none. */
  readonly tsc?: bigint;
  readonly words?: readonly number[];
}

const u32 = (value: number): number[] => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  (value >>> 24) & 0xff,
];

export const u64Of = (value: bigint): U64 => ({
  hi: Number(value >> 32n),
  lo: Number(value & 0xffff_ffffn),
});

/** One record. */
export const record = ({ event, tsc, words = [] }: Sample): number[] => {
  const header = event + words.length * 2 ** 28 + (tsc === undefined ? 0 : 2 ** 31);
  const stamp = tsc === undefined ? [] : [...u32(u64Of(tsc).lo), ...u32(u64Of(tsc).hi)];
  return [...u32(header), ...stamp, ...words.flatMap(u32)];
};

/** CPU_CHANGE and the records behind it. */
export const windowOf = (cpu: number, samples: readonly Sample[]): number[] => {
  const body = samples.flatMap(record);
  return [...record({ event: 0x1f003, words: [cpu, body.length] }), ...body];
};

export const bytesOf = (...parts: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flat());

/** A runstate change; states are numbers of RUNSTATE_*. */
export const runstate = (
  tsc: bigint,
  domain: number,
  vcpu: number,
  from: number,
  to: number,
): Sample => ({
  event: 0x21001 + from * 256 + to * 16,
  tsc,
  words: [domain * 65536 + vcpu],
});

/** A PV hypercall entry with 32-bit arguments from argument 0 on. */
export const hypercall = (tsc: bigint, op: number, ...args: readonly number[]): Sample => ({
  event: 0x20100d,
  tsc,
  words: [args.reduce((word, _, index) => word + 2 ** (20 + 2 * index), op), ...args],
});

/** LOST_RECORDS, the domain in the low half-word. */
export const lost = (
  tsc: bigint,
  count: number,
  domain: number,
  vcpu: number,
  first: bigint,
): Sample => ({
  event: 0x1f001,
  tsc,
  words: [count, domain + vcpu * 65536, u64Of(first).lo, u64Of(first).hi],
});
