/**
 * A reset of event channels that a vCPU stands at, as its registers tell:
 * asked for by the hypercall itself or by a soft reset of the domain, which
 * share one cursor (F5.2, F5.7). The caller may be of another domain (F5.8).
 */
import { DOMCTL, EVTCHNOP, HYPERVISOR } from './constants.ts';
import type { Registers } from './vcpu.ts';

export interface ResetCall {
  readonly by: 'evtchn' | 'domctl';
  /** With the sub-op that goes on from the cursor, not the one that begins. */
  readonly resuming: boolean;
  /** The domain whose ports are closed. */
  readonly target: number;
}

const COMMANDS: readonly (readonly [number, number, ResetCall['by'], boolean])[] = [
  [HYPERVISOR.event_channel_op, EVTCHNOP.reset, 'evtchn', false],
  [HYPERVISOR.event_channel_op, EVTCHNOP.reset_cont, 'evtchn', true],
  [HYPERVISOR.domctl, DOMCTL.soft_reset, 'domctl', false],
  [HYPERVISOR.domctl, DOMCTL.soft_reset_cont, 'domctl', true],
];

/** Null: it stands at nothing, or at something else. */
export const resetCallOf = (r: Registers): ResetCall | null => {
  if (!r.atHypercall) return null;
  const found = COMMANDS.find(([number, command]) => r.rax === number && r.rdi === command);
  return found === undefined ? null : { by: found[2], resuming: found[3], target: r.rsi };
};

/** Does the vCPU go on with a reset from the cursor? */
export const inResetCont = (r: Registers): boolean => resetCallOf(r)?.resuming === true;

/** The same registers, with the sub-op that begins the reset anew (F5.6). */
export const asFreshReset = (r: Registers): Registers => ({
  ...r,
  rdi: resetCallOf(r)?.by === 'domctl' ? DOMCTL.soft_reset : EVTCHNOP.reset,
});
