/** Event channels, in the model's words. */
import { VIRQ_PER_DOMAIN, VIRQ_PER_VCPU } from '../../../../src/host/constants.ts';
import type { EventChannelEvent } from '../../../../src/hypercalls/event-channel/steps.ts';
import type { DomainModel, Model, PortModel } from '../model.ts';
import {
  adopt,
  callers,
  domainAt,
  domainsOf,
  hasRight,
  hypercall,
  numbers,
  type Rule,
  type RulesOf,
} from '../rule.ts';

const NR_VIRQS = 24;
const PRIORITIES = 16;
const plain: PortModel = { state: 'ipi', d: null, n: null, v: null, xen: false };

/** The port that Xen chose, which the host shows and the model has not yet. */
export const newPorts = (m: Model, after: Model, id: number): readonly number[] =>
  numbers(after.domains[id]?.ports ?? {}).filter((p) => domainAt(m, id).ports[p] === undefined);

const open = (m: Model, after: Model, id: number, port: Partial<PortModel>): number => {
  const [name = 0] = newPorts(m, after, id);
  domainAt(m, id).ports[name] = { ...plain, ...port };
  return name;
};

/** The port is free, and its peer waits for the closer again (F6.12). */
export const closePort = (m: Model, id: number, port: number): void => {
  const { ports } = domainAt(m, id);
  const closed = ports[port];
  delete ports[port];
  if (closed?.state !== 'interdomain') return;
  const peer = m.domains[closed.d ?? -1]?.ports[closed.n ?? 0];
  if (peer !== undefined) Object.assign(peer, { state: 'unbound', d: id, n: null });
};

const ofGuest = (d: DomainModel): readonly number[] =>
  numbers(d.ports).filter((p) => d.ports[p]?.xen === false);

/** Ports up to the limit are closed; if any of the guest's is left, the cursor stays there. */
export const resetFrom = (m: Model, id: number, ports: number | null, after: Model): void => {
  const d = domainAt(m, id);
  // Before XSA-344 a reset was not preempted at all; the host shows which it was.
  const limit = ports === null || after.domains[id]?.reset === 0 ? Infinity : Math.max(1, ports);
  for (const port of ofGuest(d)) if (port <= limit) closePort(m, id, port);
  d.reset = ofGuest(d).length > 0 ? limit : 0;
};

const dyingOr = (d: DomainModel) => (d.life === 'alive' ? 'happens' : 'EINVAL');
const hasPort = (m: Model): boolean => callers(m).some((d) => numbers(d.ports).length > 0);
const own = (d: DomainModel, port: number): PortModel | undefined =>
  d.ports[port]?.xen === false ? d.ports[port] : undefined;

/** Continued resets change ports only as closing does, and end or move the cursor. */
export const resetGoesOn: Rule<unknown> = {
  could: (m) => domainsOf(m).some((d) => d.reset !== 0),
  says: () => 'open',
  moves: (m, _e, after) => {
    for (const id of numbers(m.domains))
      adopt(m, after, id, 'ports', 'reset', 'vcpus', 'shutdown', 'code');
  },
};

export const eventRules: RulesOf<EventChannelEvent['type']> = {
  'evtchn.alloc_unbound': hypercall({
    says: (m, e) => {
      const d = m.domains[e.target];
      if (d === undefined) return 'ESRCH';
      return hasRight(m, e.domid, e.target) ? dyingOr(d) : 'EPERM';
    },
    moves: (m, e, after) => {
      open(m, after, e.target, { state: 'unbound', d: e.remote });
    },
  }),
  'evtchn.bind_interdomain': hypercall({
    could: (m) => domainsOf(m).some((d) => ofGuest(d).some((p) => d.ports[p]?.state === 'unbound')),
    says: (m, e) => {
      const remote = m.domains[e.remote];
      if (remote === undefined) return 'ESRCH';
      const peer = remote.ports[e.remotePort];
      return peer?.state === 'unbound' && peer.d === e.domid ? 'happens' : 'EINVAL';
    },
    moves: (m, e, after) => {
      const n = open(m, after, e.domid, { state: 'interdomain', d: e.remote, n: e.remotePort });
      Object.assign(domainAt(m, e.remote).ports[e.remotePort] as PortModel, {
        state: 'interdomain',
        d: e.domid,
        n,
      });
    },
  }),
  'evtchn.bind_virq': hypercall({
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      if (e.virq < 0 || e.virq >= NR_VIRQS) return 'EINVAL';
      const perVcpu = VIRQ_PER_VCPU.includes(e.virq);
      if (!perVcpu && e.target !== 0) return 'EINVAL';
      if (d.vcpus[e.target] === undefined) return 'ENOENT';
      const global = !perVcpu && !VIRQ_PER_DOMAIN.includes(e.virq);
      const handler = m.handlers[e.virq];
      if (global && (handler === undefined ? !d.hardware : handler !== e.domid)) return 'EBUSY';
      const bound = Object.values(d.ports).some(
        (p) => p.state === 'virq' && p.n === e.virq && (!perVcpu || p.v === e.target),
      );
      return bound ? 'EEXIST' : 'happens';
    },
    moves: (m, e, after) => {
      const v = VIRQ_PER_VCPU.includes(e.virq) ? e.target : null;
      open(m, after, e.domid, { state: 'virq', n: e.virq, v });
    },
  }),
  'evtchn.bind_pirq': hypercall({
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      if (!d.pirqs.includes(e.pirq)) return 'EPERM';
      const bound = Object.values(d.ports).some((p) => p.state === 'pirq' && p.n === e.pirq);
      return bound ? 'EEXIST' : 'happens';
    },
    moves: (m, e, after) => {
      open(m, after, e.domid, { state: 'pirq', n: e.pirq });
    },
  }),
  'evtchn.bind_ipi': hypercall({
    says: (m, e) => (domainAt(m, e.domid).vcpus[e.target] === undefined ? 'ENOENT' : 'happens'),
    moves: (m, e, after) => {
      open(m, after, e.domid, {});
    },
  }),
  'evtchn.bind_vcpu': hypercall({
    could: hasPort,
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      if (d.vcpus[e.target] === undefined) return 'ENOENT';
      const port = own(d, e.port);
      return port === undefined || port.state === 'ipi' || port.v !== null ? 'EINVAL' : 'happens';
    },
  }),
  'evtchn.close': hypercall({
    could: hasPort,
    says: (m, e) => (own(domainAt(m, e.domid), e.port) === undefined ? 'EINVAL' : 'happens'),
    moves: (m, e) => closePort(m, e.domid, e.port),
  }),
  'evtchn.send': hypercall({
    could: hasPort,
    says: (m, e) => {
      const state = own(domainAt(m, e.domid), e.port)?.state ?? 'virq';
      return state === 'virq' || state === 'pirq' ? 'EINVAL' : 'happens';
    },
  }),
  'evtchn.unmask': hypercall({
    could: hasPort,
    says: (m, e) => (domainAt(m, e.domid).ports[e.port] === undefined ? 'open' : 'happens'),
  }),
  'evtchn.set_priority': hypercall({
    could: hasPort,
    says: (m, e) => {
      if (own(domainAt(m, e.domid), e.port) === undefined) return 'EINVAL';
      return e.priority < 0 || e.priority >= PRIORITIES ? 'no' : 'open';
    },
  }),
  'guest.mask': hypercall({
    could: hasPort,
    says: (m, e) => (domainAt(m, e.domid).ports[e.port] === undefined ? 'open' : 'happens'),
  }),
  'guest.upcall': { says: () => 'open' },
  'evtchn.reset': hypercall({
    says: (m, e) => {
      const d = m.domains[e.target];
      if (d === undefined) return 'ESRCH';
      if (!hasRight(m, e.domid, e.target)) return 'EPERM';
      if (e.target !== e.domid && d.pauses === 0) return 'EINVAL';
      return d.reset === 0 ? 'happens' : 'EBUSY';
    },
    moves: (m, e, after) => resetFrom(m, e.target, e.ports, after),
  }),
  'evtchn.reset-continue': resetGoesOn,
  'evtchn.init_control': hypercall({ says: () => 'open' }),
  'evtchn.expand_array': hypercall({ says: () => 'open' }),
};
