/** One step of a host: the way in for machines, generators and the update itself. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Host } from '../host/host.ts';
import { type HostEvent, steps } from './events.ts';
import type { Body, StepContext, StepError } from './step.ts';
import { Transaction } from './transaction.ts';

/**
 * Carries one event out. Pure: `host` is not changed, parts that the event
 * does not touch are shared with the result, and the frame table is copied
 * only if a page changes. Left: nothing happened, see `StepError`; besides
 * Xen's own errors `BUG` says that Xen would have crashed, because the host is
 * not consistent, and `HOST_DOWN` that the hardware domain shut down.
 */
export const apply = (host: Host, event: HostEvent, ctx: StepContext): Either<StepError, Host> => {
  const tx = new Transaction(host, ctx);
  // The registry pairs each name with the body for its event; the compiler checks it there.
  const body = steps[event.type] as Body<HostEvent>;
  const error = body(tx, event) ?? tx.fatal;
  return error === null ? right(tx.commit()) : left(error);
};
