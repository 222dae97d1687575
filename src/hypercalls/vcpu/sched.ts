/** SCHEDOP: yield, block, poll, shutdown and its code (F2.23 to F2.27). */
import { SHUTDOWN, VPF } from '../../host/constants.ts';
import { controls } from '../domains.ts';
import { isPending } from '../event-channel/pending.ts';
import { isValidPort } from '../event-channel/ports.ts';
import { vcpuInfoOf } from '../event-channel/vcpu-info.ts';
import { type Body, refuse } from '../step.ts';
import type { MutableVcpu } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { domainShutdown } from './shutdown.ts';

interface Where {
  readonly domid: number;
  readonly vcpu: number;
}
export interface Yield extends Where {
  readonly type: 'sched.yield';
}
/** Until an event comes; events are unmasked first. */
export interface Block extends Where {
  readonly type: 'sched.block';
}
/** Until one of the ports is pending, whether masked or not. At most 128 ports. */
export interface Poll extends Where {
  readonly type: 'sched.poll';
  readonly ports: readonly number[];
}
export interface Shutdown extends Where {
  readonly type: 'sched.shutdown';
  readonly reason: number;
}
/** Stores a code for a shutdown to come (F2.27). */
export interface ShutdownCode extends Where {
  readonly type: 'sched.shutdown_code';
  readonly reason: number;
}
/** A device model shuts its domain down. */
export interface RemoteShutdown extends Where {
  readonly type: 'sched.remote_shutdown';
  readonly target: number;
  readonly reason: number;
}

const MAX_POLL_PORTS = 128;
const isCode = (reason: number): boolean =>
  (Object.values(SHUTDOWN) as readonly number[]).includes(reason);

const goToSleep = (v: MutableVcpu): void => {
  v.pauseFlags |= VPF.blocked;
  v.runningOn = null;
};

export const yieldCpu: Body<Yield> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  c.v.runningOn = null;
  return null;
};

export const block: Body<Block> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const info = vcpuInfoOf(tx, c.d, c.v);
  if (info !== null) info.upcallMask = false;
  if (info?.upcallPending !== true) goToSleep(c.v);
  return null;
};

export const poll: Body<Poll> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (e.ports.length > MAX_POLL_PORTS) return refuse('EINVAL', `${e.ports.length} ports`);
  const unknown = e.ports.find((port) => !isValidPort(c.d, port));
  if (unknown !== undefined) return refuse('EINVAL', `no port ${unknown}`);
  const ready =
    vcpuInfoOf(tx, c.d, c.v)?.upcallPending === true ||
    e.ports.some((port) => isPending(tx, c.d, port));
  if (ready) return null;
  c.v.pollPorts = [...e.ports];
  goToSleep(c.v);
  return null;
};

export const shutdown: Body<Shutdown> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (!isCode(e.reason)) return refuse('EINVAL', `no shutdown code ${e.reason}`);
  domainShutdown(tx, c.d, e.reason);
  return null;
};

export const shutdownCode: Body<ShutdownCode> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (!isCode(e.reason)) return refuse('EINVAL', `no shutdown code ${e.reason}`);
  c.d.shutdown.code = e.reason;
  return null;
};

export const remoteShutdown: Body<RemoteShutdown> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.target);
  if (d === undefined) return refuse('ESRCH', `no d${e.target}`);
  if (e.domid === e.target || !controls(c.d, e.target))
    return refuse('EPERM', `d${e.domid} has no right to d${e.target}`);
  if (!isCode(e.reason)) return refuse('EINVAL', `no shutdown code ${e.reason}`);
  domainShutdown(tx, d, e.reason);
  return null;
};
