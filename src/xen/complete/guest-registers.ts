/** The registers of a saved vCPU as the model keeps them. */
import type { Registers } from '../../host/vcpu.ts';
import type { Workbench } from './workbench.ts';

/** A canonical address without its sign extension. */
const ADDRESS_BITS = 48;

/**
 * Of all registers those that a hypercall has its state in (F3.1). A guest is
 * saved when its SCHEDOP_shutdown is over, so no vCPU stands at a hypercall.
 * What a number cannot hold keeps its low 48 bits: a canonical address is
 * told by them; others are noted.
 */
export const guestRegisters = (
  w: Workbench,
  domid: number,
  saved: Readonly<Record<string, bigint>>,
): Registers => {
  let cut = 0;
  const value = (name: string): number => {
    const word = saved[name] ?? 0n;
    if (word <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(word);
    if (BigInt.asIntN(64, word) !== BigInt.asIntN(ADDRESS_BITS, word)) cut++;
    return Number(BigInt.asUintN(ADDRESS_BITS, word));
  };
  const registers = {
    rip: value('rip'),
    rax: value('rax'),
    rdi: value('rdi'),
    rsi: value('rsi'),
    rdx: value('rdx'),
    r10: value('r10'),
    r8: value('r8'),
    atHypercall: false,
  };
  w.notes.assume('registers-cut', cut, domid);
  return registers;
};
