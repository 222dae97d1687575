/**
 * What a step is. Everything that a guest, dom0 or Xen's own deferred work
 * does to a host is one event with one name in the field's words
 * (`evtchn.send`, `domctl.destroydomain`), and one function that carries it
 * out on a transaction. A step is atomic: either all of it happened, or it
 * returned an error and nothing did.
 */
import type { Design } from '../design/design.ts';
import type { XenVersion } from '../design/versions.ts';
import type { Transaction } from './transaction.ts';

/** The Xen that carries the step out, and the design it obeys. */
export interface StepContext {
  readonly version: XenVersion;
  readonly design: Design;
}

/**
 * A hypercall that was refused: the name of its errno (`EBUSY`), of its grant
 * status (`GNTST_bad_gntref`), or `UNHANDLEABLE` for an emulation that no
 * device model takes; and why, for people.
 */
export interface Refused {
  readonly errno: string;
  readonly what: string;
}

/**
 * Why a step did not happen: Xen refused it, or nobody could have asked for
 * it now - the vCPU does not run, there is no such request in flight.
 */
export type StepError = Refused | 'not enabled';

/** An event: its name, and where it happens. */
export interface AnyEvent {
  readonly type: string;
}

/** What a step does to its transaction: null if it happened, or why not. */
export type Body<E extends AnyEvent> = (tx: Transaction, event: E) => StepError | null;

/** The bodies of a group of events, by name. */
export type Bodies<E extends AnyEvent> = {
  readonly [K in E['type']]: Body<Extract<E, { readonly type: K }>>;
};

export const refuse = (errno: string, what: string): Refused => ({ errno, what });
