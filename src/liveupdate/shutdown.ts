/** domain_shutdown as the way to stop a domain, with all that comes with it (Q1(c), F2.23 to F2.26). */
import * as E from 'fp-ts/lib/Either.js';
import { SHUTDOWN } from '../host/constants.ts';
import type { Host } from '../host/host.ts';
import type { StepContext } from '../hypercalls/step.ts';
import { Transaction } from '../hypercalls/transaction.ts';
import { domainResume, domainShutdown } from '../hypercalls/vcpu/shutdown.ts';

/** Left: what stopped the machine; the hardware domain takes it with it, whatever the code. */
export const shutDown = (host: Host, domid: number, ctx: StepContext): E.Either<string, Host> => {
  const tx = new Transaction(host, ctx);
  const d = tx.domain(domid);
  if (d !== undefined) domainShutdown(tx, d, SHUTDOWN.suspend);
  return tx.fatal === null ? E.right(tx.commit()) : E.left(tx.fatal.what);
};

/** Clears state and code, and lets run what had been paused for any shutdown (F2.26, S4). */
export const resumeAll = (host: Host, domid: number, ctx: StepContext): Host => {
  const tx = new Transaction(host, ctx);
  const d = tx.domain(domid);
  if (d !== undefined && d.dying === 'alive') domainResume(tx, d);
  return tx.commit();
};
