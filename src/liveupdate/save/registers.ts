/** The registers that a vCPU goes on with. */
import type { Design } from '../../design/design.ts';
import { asFreshReset, inResetCont } from '../../host/reset-call.ts';
import type { Registers } from '../../host/vcpu.ts';

/**
 * Registers as they are, but for a reset of event channels half done, whose
 * sub-op is rewritten to a fresh reset where the answer to Q4 says so (F5.6).
 * The caller need not be the domain that is reset (F5.8).
 */
export const savedRegisters = (r: Registers, design: Design): Registers => {
  const { Q4 } = design.policies;
  if (Q4 === 'drop' && inResetCont(r)) return { ...r, rax: 0, atHypercall: false };
  const rewritten = Q4 === 'restart' || Q4 === 'cursor-only';
  return rewritten && inResetCont(r) ? asFreshReset(r) : r;
};
