/** EVTCHNOP_alloc_unbound, bind_interdomain, bind_virq, bind_pirq, bind_ipi, bind_vcpu (F6.10, F6.14). */
import { NR_VIRQS } from '../../host/constants.ts';
import { domid, port as toPort } from '../../host/ids.ts';
import { controls } from '../domains.ts';
import { type Body, type Refused, refuse } from '../step.ts';
import type { MutableDomain } from '../transaction.ts';
import { caller, isCaller } from '../vcpus.ts';
import { setPending } from './pending.ts';
import { openPort } from './ports.ts';
import { globalHandler, virqKind } from './virq.ts';

interface Where {
  /** The caller: domain and vCPU. */
  readonly domid: number;
  readonly vcpu: number;
}
/** A port of `target` (itself, or a domain that the caller controls) waits for `remote`. */
export interface AllocUnbound extends Where {
  readonly type: 'evtchn.alloc_unbound';
  readonly target: number;
  readonly remote: number;
}
export interface BindInterdomain extends Where {
  readonly type: 'evtchn.bind_interdomain';
  readonly remote: number;
  readonly remotePort: number;
}
export interface BindVirq extends Where {
  readonly type: 'evtchn.bind_virq';
  readonly virq: number;
  readonly target: number;
}
export interface BindPirq extends Where {
  readonly type: 'evtchn.bind_pirq';
  readonly pirq: number;
}
export interface BindIpi extends Where {
  readonly type: 'evtchn.bind_ipi';
  readonly target: number;
}
/** The port notifies another vCPU from now on. */
export interface BindVcpu extends Where {
  readonly type: 'evtchn.bind_vcpu';
  readonly port: number;
  readonly target: number;
}

const refusedOnly = (r: number | Refused): Refused | null => (typeof r === 'number' ? null : r);

const noVcpu = (d: MutableDomain, vcpu: number): Refused | null =>
  d.vcpus[vcpu] === undefined ? refuse('ENOENT', `no d${d.domid}v${vcpu}`) : null;

export const allocUnbound: Body<AllocUnbound> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const d = tx.domain(e.target);
  if (d === undefined) return refuse('ESRCH', `no d${e.target}`);
  if (!controls(c.d, e.target)) return refuse('EPERM', `d${e.domid} has no right to d${e.target}`);
  return refusedOnly(openPort(tx, d, { state: 'unbound', remoteDomid: domid(e.remote) }));
};

/** The local port is set pending, as the peer may have notified before (F6.10). */
export const bindInterdomain: Body<BindInterdomain> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const remote = tx.domain(e.remote);
  if (remote === undefined) return refuse('ESRCH', `no d${e.remote}`);
  const peer = remote.events.channels[e.remotePort];
  if (peer?.binding.state !== 'unbound' || peer.binding.remoteDomid !== e.domid)
    return refuse('EINVAL', `d${e.remote} port ${e.remotePort} does not wait for d${e.domid}`);
  const port = openPort(tx, c.d, {
    state: 'interdomain',
    remoteDomid: domid(e.remote),
    remotePort: toPort(e.remotePort),
  });
  if (typeof port !== 'number') return port;
  peer.binding = { state: 'interdomain', remoteDomid: domid(e.domid), remotePort: port };
  setPending(tx, c.d, port);
  return null;
};

export const bindVirq: Body<BindVirq> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (e.virq < 0 || e.virq >= NR_VIRQS) return refuse('EINVAL', `no VIRQ ${e.virq}`);
  const kind = virqKind(e.virq);
  if (kind !== 'vcpu' && e.target !== 0)
    return refuse('EINVAL', `VIRQ ${e.virq} is bound on vCPU 0 only`);
  const missing = noVcpu(c.d, e.target);
  if (missing !== null) return missing;
  if (kind === 'global' && globalHandler(tx, e.virq)?.domid !== e.domid)
    return refuse('EBUSY', `d${e.domid} does not handle VIRQ ${e.virq}`);
  const v = c.d.vcpus[e.target];
  if (v?.virqToPort[e.virq] !== undefined)
    return refuse('EEXIST', `VIRQ ${e.virq} is bound on v${e.target}`);
  const port = openPort(tx, c.d, { state: 'virq', virq: e.virq }, { vcpu: e.target });
  if (typeof port !== 'number') return port;
  if (v !== undefined) v.virqToPort[e.virq] = port;
  return null;
};

export const bindPirq: Body<BindPirq> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (c.d.pirqs[e.pirq] === undefined) return refuse('EPERM', `d${e.domid} has no PIRQ ${e.pirq}`);
  const bound = Object.values(c.d.events.channels).some(
    ({ binding }) => binding.state === 'pirq' && binding.pirq === e.pirq,
  );
  if (bound) return refuse('EEXIST', `PIRQ ${e.pirq} is bound`);
  return refusedOnly(openPort(tx, c.d, { state: 'pirq', pirq: e.pirq }));
};

export const bindIpi: Body<BindIpi> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  return (
    noVcpu(c.d, e.target) ?? refusedOnly(openPort(tx, c.d, { state: 'ipi' }, { vcpu: e.target }))
  );
};

/** IPIs and per-vCPU VIRQs stay where they are; Xen's ports are not the guest's to move. */
export const bindVcpu: Body<BindVcpu> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const missing = noVcpu(c.d, e.target);
  if (missing !== null) return missing;
  const channel = c.d.events.channels[e.port];
  if (channel === undefined || channel.xenConsumer !== null)
    return refuse('EINVAL', `port ${e.port} is not d${e.domid}'s to bind`);
  const { binding } = channel;
  if (binding.state === 'ipi' || (binding.state === 'virq' && virqKind(binding.virq) === 'vcpu'))
    return refuse('EINVAL', `port ${e.port} belongs to its vCPU`);
  channel.notifyVcpu = e.target;
  return null;
};
