/** Numbers of Xen's interface as the names that they have there. */
import {
  DOMCTL,
  EVTCHNOP,
  HYPERVISOR,
  IOREQ,
  SHUTDOWN,
  SHUTDOWN_CODE_INVALID,
  VPF,
} from '../../../host/constants.ts';

export const hex = (n: number): string => `0x${n.toString(16)}`;

const namesOf = (table: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(table).map(([name, n]) => [n, name]));

const HYPERCALLS = namesOf(HYPERVISOR);
const SUB_OPS: Readonly<Record<number, ReadonlyMap<number, string>>> = {
  [HYPERVISOR.event_channel_op]: namesOf(EVTCHNOP),
  [HYPERVISOR.domctl]: namesOf(DOMCTL),
};

/** "event_channel_op reset_cont": the call that a vCPU will enter Xen with; its first argument is in rdi. */
export const hypercallName = (rax: number, rdi: number): string => {
  const sub = SUB_OPS[rax]?.get(rdi);
  return `${HYPERCALLS.get(rax) ?? `hypercall ${rax}`}${sub === undefined ? '' : ` ${sub}`}`;
};

const SHUTDOWNS = namesOf(SHUTDOWN);
export const shutdownCode = (code: number): string =>
  code === SHUTDOWN_CODE_INVALID ? 'no code' : (SHUTDOWNS.get(code) ?? `code ${code}`);

const PAUSE_FLAGS = Object.entries(VPF);
/** "down blocked", or "". */
export const pauseFlags = (flags: number): string =>
  PAUSE_FLAGS.filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name)
    .join(' ');

const IOREQ_STATES = namesOf(IOREQ);
export const ioreqState = (state: number): string => IOREQ_STATES.get(state) ?? String(state);
