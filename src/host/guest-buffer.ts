/**
 * Buffers of hypercalls in a guest's memory, by the address that a register
 * holds. In the model a buffer begins a page, which its address names: gfn
 * times page size, mfn for a PV guest, as if it had all of its memory mapped
 * one to one.
 */
import { HYPERVISOR, MEMOP_EXTENT_SHIFT, PAGE_SIZE, XENMEM } from './constants.ts';
import type { Registers } from './vcpu.ts';

export const addressOf = (gfn: number): number => gfn * PAGE_SIZE;
export const gfnOf = (address: number): number => Math.floor(address / PAGE_SIZE);

/** sizeof(struct multicall_entry): operation, result and six arguments of 64 bits. */
export const MULTICALL_ENTRY = 64;

/** A memory_op over extents that the model carries out, as its arguments tell. */
export interface ExtentsCall {
  readonly command: 'decrease_reservation' | 'exchange';
  /** C1: the extent at which it goes on. XENMEM_exchange has that in its buffer. */
  readonly start: number;
  /** Page of its buffer, as the guest names it. */
  readonly gfn: number;
}

const EXTENT = 2 ** MEMOP_EXTENT_SHIFT;

/** Null: another call. */
export const extentsCallOf = (op: number, args: readonly number[]): ExtentsCall | null => {
  const [word = 0, address = 0] = args;
  if (op !== HYPERVISOR.memory_op) return null;
  const at = { start: Math.floor(word / EXTENT), gfn: gfnOf(address) };
  if (word % EXTENT === XENMEM.decrease_reservation)
    return { command: 'decrease_reservation', ...at };
  return word === XENMEM.exchange ? { command: 'exchange', ...at } : null;
};

/** The arguments of such a call. */
export const extentsArgs = (call: ExtentsCall): readonly [number, number] => [
  XENMEM[call.command] + (call.command === 'exchange' ? 0 : call.start * EXTENT),
  addressOf(call.gfn),
];

/** A multicall that a vCPU stands at: the rest of its list (F3.3). */
export interface MulticallRest {
  readonly gfn: number;
  /** Entry in that page that comes next, and how many are left. */
  readonly next: number;
  readonly left: number;
}

/** Null: it stands at something else, or at nothing. */
export const multicallOf = (r: Registers): MulticallRest | null =>
  r.atHypercall && r.rax === HYPERVISOR.multicall
    ? { gfn: gfnOf(r.rdi), next: Math.floor((r.rdi % PAGE_SIZE) / MULTICALL_ENTRY), left: r.rsi }
    : null;

/** rdi and rsi of a multicall that goes on there. */
export const multicallArgs = ({ gfn, next, left }: MulticallRest): readonly [number, number] => [
  addressOf(gfn) + next * MULTICALL_ENTRY,
  left,
];
