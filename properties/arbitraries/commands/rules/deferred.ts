/** Emulation, tasklets, RCU, and hypercalls that were preempted, in the model's words. */
import type { DeferredEvent } from '../../../../src/hypercalls/deferred/steps.ts';
import type { IoreqEvent } from '../../../../src/hypercalls/ioreq/steps.ts';
import type { DomainModel, Model } from '../model.ts';
import {
  adopt,
  canCall,
  domainAt,
  domainsOf,
  hasRight,
  hypercall,
  numbers,
  pagesMayGo,
  type RulesOf,
  type Says,
} from '../rule.ts';
import { tearDown } from './domctls.ts';
import { closePort, newPorts } from './events.ts';

const MAX_SERVERS = 8;
const served = (m: Model): boolean => domainsOf(m).some((d) => numbers(d.servers).length > 0);

/** dm ops: by the right to the domain, which must be alive and HVM. */
const dmOp =
  <E extends { readonly caller: number; readonly domid: number }>(
    says: (d: DomainModel, e: E) => Says,
  ) =>
  (m: Model, e: E): Says => {
    const d = m.domains[e.domid];
    if (d === undefined) return 'ESRCH';
    if (e.caller === e.domid || !hasRight(m, e.caller, e.domid)) return 'EPERM';
    return d.type === 'hvm' && d.life === 'alive' ? says(d, e) : 'EINVAL';
  };

const ofServer = (
  d: DomainModel,
  e: { readonly caller: number; readonly server: number },
  otherwise: Says,
): Says => {
  const s = d.servers[e.server];
  if (s === undefined) return 'ENOENT';
  return s.emulator === e.caller ? otherwise : 'EPERM';
};

/** A vCPU in an emulation joins a shutdown, if one is under way. */
const mayJoin = (m: Model, e: { readonly domid: number; readonly vcpu: number }, after: Model) => {
  const d = domainAt(m, e.domid);
  if (d.shutdown === 'none') return;
  const v = d.vcpus[e.vcpu];
  if (v !== undefined) v.stopped ||= after.domains[e.domid]?.vcpus[e.vcpu]?.stopped ?? false;
  if (d.vcpus.every((o) => o.stopped)) d.shutdown = 'complete';
};

export const ioreqRules: RulesOf<IoreqEvent['type']> = {
  'ioreq.create': hypercall({
    could: (m) => domainsOf(m).some((d) => d.type === 'hvm' && d.life === 'alive'),
    says: dmOp((d) => (numbers(d.servers).length >= MAX_SERVERS ? 'ENOSPC' : 'open')),
    moves: (m, e, after) => {
      const d = domainAt(m, e.domid);
      const wanted = d.vcpus.length + (e.buffered ? 1 : 0);
      const ports = newPorts(m, after, e.domid).slice(0, wanted);
      for (const port of ports)
        d.ports[port] = { state: 'unbound', d: e.caller, n: null, v: null, xen: true };
      let id = 0;
      while (d.servers[id] !== undefined) id++;
      d.servers[id] = { emulator: e.caller, enabled: false, ranges: 0, ports: [...ports] };
    },
  }),
  'ioreq.set_state': hypercall({
    could: served,
    says: dmOp((d, e) => ofServer(d, e, 'happens')),
    moves: (m, e) => {
      const s = domainAt(m, e.domid).servers[e.server];
      if (s !== undefined) s.enabled = e.enabled;
    },
  }),
  'ioreq.map_range': hypercall({
    could: served,
    says: dmOp((d, e) => ofServer(d, e, 'open')),
    moves: (m, e) => {
      const s = domainAt(m, e.domid).servers[e.server];
      if (s !== undefined) s.ranges++;
    },
  }),
  'ioreq.destroy': hypercall({
    could: served,
    says: dmOp((d, e) => ofServer(d, e, 'happens')),
    moves: (m, e) => {
      const { servers } = domainAt(m, e.domid);
      for (const port of servers[e.server]?.ports ?? []) closePort(m, e.domid, port);
      delete servers[e.server];
    },
  }),
  'ioreq.send': hypercall({
    could: (m) => domainsOf(m).some((d) => Object.values(d.servers).some((s) => s.enabled)),
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      if (d.type !== 'hvm') return 'not enabled';
      return d.servers[e.server]?.enabled === true ? 'open' : 'no';
    },
    moves: mayJoin,
  }),
  'emulator.take': { could: served, says: () => 'open' },
  'emulator.respond': { could: served, says: () => 'open' },
  'vcpu.complete-io': {
    could: (m) => domainsOf(m).some((d) => d.vcpus.some((v) => !v.ready || v.defers)),
    says: () => 'open',
    moves: mayJoin,
  },
};

export const deferredRules: RulesOf<DeferredEvent['type']> = {
  'tasklet.run': {
    could: (m) => Object.values(m.tasklets).some((k) => k.runs),
    says: (m, e) => (m.tasklets[e.id]?.runs === true ? 'happens' : 'not enabled'),
    moves: (m, e, after) => {
      const k = m.tasklets[e.id];
      delete m.tasklets[e.id];
      const v = k === undefined || k.d === null ? undefined : m.domains[k.d]?.vcpus[k.v];
      if (k === undefined || k.d === null || v === undefined) return;
      const answers = k.work === 'continue_hypercall' || k.work === 'live_update';
      if (answers) v.waits--;
      else if (k.work === 'init_sipi') Object.assign(v, { initialised: true, down: false });
      else adopt(m, after, k.d, 'vcpus');
    },
  },
  'rcu.run': {
    could: (m) => m.destroying.length > 0,
    says: (m) => (m.destroying.length > 0 ? 'happens' : 'not enabled'),
    moves: (m) => {
      for (const id of numbers(m.tasklets)) {
        const d = m.tasklets[id]?.d;
        if (d != null && m.destroying.includes(d)) delete m.tasklets[id];
      }
      m.destroying = [];
    },
  },
  'hypercall.finish': {
    could: (m) => domainsOf(m).some((d) => d.vcpus.some((v) => !v.ready)),
    says: (m, e) => (canCall(m, e.domid, e.vcpu) ? 'not enabled' : 'open'),
    // Whatever was preempted: the end of a domain, a reset, a pin.
    moves: (m, _e, after) => {
      for (const id of numbers(m.domains)) {
        if (m.domains[id]?.life === 'dying') tearDown(m, id, after);
        else adopt(m, after, id, 'ports', 'reset', 'pinned', 'pages', 'shutdown', 'code', 'vcpus');
        adopt(m, after, id, 'logged', 'paging', 'pins');
      }
    },
  },
  'hypercall.reenter': {
    could: (m) => domainsOf(m).some((d) => d.vcpus.some((v) => !v.ready)),
    says: (m, e) => (canCall(m, e.domid, e.vcpu) ? 'not enabled' : 'open'),
    moves: (m, _e, after) => pagesMayGo(m, after),
  },
  multicall: hypercall({ says: () => 'open', moves: (m, _e, after) => pagesMayGo(m, after) }),
};
