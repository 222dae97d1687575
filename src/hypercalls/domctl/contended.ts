/**
 * A domctl that does not get the domctl lock, since another CPU is in one:
 * nothing of it is done, and the identical call is issued again (F3.4, class
 * C5). A step of the model is a whole domctl, so who held the lock is not
 * seen; that it was taken is what the event says. What carries the call on is
 * therefore no continuation but the domctl itself, by the vCPU that stands at
 * it; only its refusal is an answer in a register like any other's.
 *
 * Left out: soft_reset. Its registers are then those of one that an answer to
 * Q4 makes start again, which `domctl.soft_reset-continue` carries on.
 */
import { DOMCTL, HYPERVISOR } from '../../host/constants.ts';
import type { Registers } from '../../host/vcpu.ts';
import { errorWord } from '../errno.ts';
import { type Body, refuse } from '../step.ts';
import {
  continueLater,
  finishHypercall,
  isCaller,
  isRunnable,
  privilegedCaller,
} from '../vcpus.ts';

const COMMANDS = {
  destroydomain: DOMCTL.destroydomain,
  pausedomain: DOMCTL.pausedomain,
  unpausedomain: DOMCTL.unpausedomain,
  resumedomain: DOMCTL.resumedomain,
  getdomaininfo: DOMCTL.getdomaininfo,
} as const;
export type Command = keyof typeof COMMANDS;

/** `caller`'s vCPU finds the lock taken. */
export interface DomctlContended {
  readonly type: 'domctl.contended';
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
  readonly command: Command;
}

export const contended: Body<DomctlContended> = (tx, e) => {
  const c = privilegedCaller(tx, e.caller, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.domid);
  if (d === undefined) return refuse('ESRCH', `no d${e.domid}`);
  // Of a domain that is dying `domctl.destroydomain` leaves the same behind.
  if (e.command === 'destroydomain' && d.dying === 'dying') return 'not enabled';
  continueLater(c.v, HYPERVISOR.domctl, COMMANDS[e.command], e.domid);
  return null;
};

/** Domctls that are re-issued by their own event. */
type Reissued = 'destroydomain' | 'pausedomain' | 'unpausedomain' | 'resumedomain';
const REISSUED: readonly Reissued[] = [
  'destroydomain',
  'pausedomain',
  'unpausedomain',
  'resumedomain',
];

/** A domctl that a vCPU stands at without having done anything: the event that issues it again. */
interface Reissue {
  readonly type: `domctl.${Reissued}`;
  readonly caller: number;
  readonly vcpu: number;
  readonly domid: number;
}

/** Null: it stands at something else, or its arguments are in memory that the model does not hold. */
export const reissueOf = (caller: number, vcpu: number, r: Registers): Reissue | null => {
  if (!r.atHypercall || r.rax !== HYPERVISOR.domctl) return null;
  const command = REISSUED.find((name) => COMMANDS[name] === r.rdi);
  return command === undefined ? null : { type: `domctl.${command}`, caller, vcpu, domid: r.rsi };
};

/**
 * The body of a domctl, which a vCPU that stands at this very call enters
 * again. Bodies refuse before they change anything, so that a refusal can
 * become the result of the call.
 */
export const reissued =
  <E extends Reissue>(body: Body<E>): Body<E> =>
  (tx, e) => {
    const d = tx.domain(e.caller);
    const v = d?.vcpus[e.vcpu];
    const stands = v === undefined ? null : reissueOf(e.caller, e.vcpu, v.registers);
    if (d === undefined || v === undefined || stands?.type !== e.type || stands.domid !== e.domid)
      return body(tx, e);
    // destroydomain that has begun is no re-issue: its work is domain_kill's (F4.1).
    const begun = e.type === 'domctl.destroydomain' && tx.domain(e.domid)?.dying === 'dying';
    if (!isRunnable(d, v) || begun) return 'not enabled';
    v.registers.atHypercall = false;
    const failed = body(tx, e);
    if (failed === 'not enabled') return failed;
    if (failed !== null) finishHypercall(v, errorWord(failed.errno));
    else if (!v.registers.atHypercall) finishHypercall(v, 0);
    return null;
  };
