/** vCPUs, timers, scheduling and shutdowns, in the model's words. */
import type { VcpuEvent } from '../../../../src/hypercalls/vcpu/steps.ts';
import type { DomainModel, Model, VcpuModel } from '../model.ts';
import { domainAt, domainsOf, hasRight, hypercall, type RulesOf, type Says } from '../rule.ts';

const CODES = { poweroff: 0, crash: 3, last: 5 } as const;
const MIN_PERIOD = 1_000_000;

const isCode = (reason: number): boolean => reason >= 0 && reason <= CODES.last;
/** Xen goes down with its hardware domain (F2.23). */
const shutsDown = (d: DomainModel): Says => (d.hardware ? 'no' : 'happens');

/** A code that was stored wins; vCPUs that put it off join later, but for a crash (F2.23, F2.25). */
const shutDown = (d: DomainModel, reason: number): void => {
  d.code ??= reason;
  if (d.shutdown !== 'none') return;
  for (const v of d.vcpus) if (d.code === CODES.crash || !v.defers) v.stopped = true;
  d.shutdown = d.vcpus.every((v) => v.stopped) ? 'complete' : 'in_progress';
};

type Target = { readonly domid: number; readonly target: number };
const vcpuAt = (m: Model, id: number, v: number): VcpuModel =>
  domainAt(m, id).vcpus[v] as VcpuModel;
const exists = (m: Model, e: Target): Says =>
  domainAt(m, e.domid).vcpus[e.target] === undefined ? 'ENOENT' : 'happens';

const isLastUp = (d: DomainModel, target: number): boolean =>
  !d.vcpus.some((v, id) => id !== target && v.initialised && !v.down);

const periodsSince = (m: Model, v: VcpuModel): number =>
  v.periodic === null ? 0 : Math.floor((m.now - v.periodic.last) / v.periodic.period);
const isDue = (m: Model, v: VcpuModel): boolean =>
  (v.singleshot !== null && v.singleshot <= m.now) || periodsSince(m, v) > 0;

export const vcpuRules: RulesOf<VcpuEvent['type']> = {
  'vcpu.initialise': hypercall({
    says: (m, e) => {
      const v = domainAt(m, e.domid).vcpus[e.target];
      if (v === undefined) return 'ENOENT';
      return v.initialised ? 'EEXIST' : 'open';
    },
    moves: (m, e) => {
      Object.assign(vcpuAt(m, e.domid, e.target), { initialised: true, down: true });
    },
  }),
  'vcpu.up': hypercall({
    says: (m, e) => {
      const v = domainAt(m, e.domid).vcpus[e.target];
      if (v === undefined) return 'ENOENT';
      return v.initialised ? 'happens' : 'EINVAL';
    },
    moves: (m, e) => {
      vcpuAt(m, e.domid, e.target).down = false;
    },
  }),
  'vcpu.down': hypercall({
    says: (m, e) => {
      const says = exists(m, e);
      const d = domainAt(m, e.domid);
      return says === 'happens' && isLastUp(d, e.target) ? shutsDown(d) : says;
    },
    moves: (m, e) => {
      const d = domainAt(m, e.domid);
      if (isLastUp(d, e.target)) shutDown(d, CODES.poweroff);
      else vcpuAt(m, e.domid, e.target).down = true;
    },
  }),
  'vcpu.register_vcpu_info': hypercall({
    says: (m, e) => (exists(m, e) === 'happens' ? 'open' : 'ENOENT'),
  }),
  'vcpu.register_runstate': hypercall({ says: exists }),
  'vcpu.set_singleshot_timer': hypercall({
    says: (m, e) => (e.future && e.timeout < m.now ? 'ETIME' : 'happens'),
    moves: (m, e) => {
      vcpuAt(m, e.domid, e.vcpu).singleshot = e.timeout;
    },
  }),
  'vcpu.stop_singleshot_timer': hypercall({
    says: () => 'happens',
    moves: (m, e) => {
      vcpuAt(m, e.domid, e.vcpu).singleshot = null;
    },
  }),
  'vcpu.set_periodic_timer': hypercall({
    says: (_m, e) => (e.period < MIN_PERIOD ? 'EINVAL' : 'happens'),
    moves: (m, e) => {
      vcpuAt(m, e.domid, e.vcpu).periodic = { period: e.period, last: m.now };
    },
  }),
  'vcpu.stop_periodic_timer': hypercall({
    says: () => 'happens',
    moves: (m, e) => {
      vcpuAt(m, e.domid, e.vcpu).periodic = null;
    },
  }),
  'timer.fires': {
    could: (m) => domainsOf(m).some((d) => d.vcpus.some((v) => isDue(m, v))),
    says: (m, e) => {
      const d = m.domains[e.domid];
      const v = d?.vcpus[e.vcpu];
      return d?.life === 'alive' && v !== undefined && isDue(m, v) ? 'happens' : 'not enabled';
    },
    moves: (m, e) => {
      const v = vcpuAt(m, e.domid, e.vcpu);
      if (v.singleshot !== null && v.singleshot <= m.now) v.singleshot = null;
      if (v.periodic !== null) v.periodic.last += periodsSince(m, v) * v.periodic.period;
    },
  },
  'time.passes': {
    says: () => 'happens',
    moves: (m, e) => {
      m.now += e.ns;
    },
  },
  'sched.yield': hypercall({ says: () => 'happens' }),
  'sched.block': hypercall({ says: () => 'happens' }),
  'sched.poll': hypercall({
    says: (m, e) => {
      const { ports } = domainAt(m, e.domid);
      return e.ports.every((p) => ports[p] !== undefined) ? 'happens' : 'open';
    },
  }),
  'sched.shutdown': hypercall({
    says: (m, e) => (isCode(e.reason) ? shutsDown(domainAt(m, e.domid)) : 'EINVAL'),
    moves: (m, e) => shutDown(domainAt(m, e.domid), e.reason),
  }),
  'sched.shutdown_code': hypercall({
    says: (_m, e) => (isCode(e.reason) ? 'happens' : 'EINVAL'),
    moves: (m, e) => {
      domainAt(m, e.domid).code = e.reason;
    },
  }),
  'sched.remote_shutdown': hypercall({
    says: (m, e) => {
      const d = m.domains[e.target];
      if (d === undefined) return 'ESRCH';
      if (e.target === e.domid || !hasRight(m, e.domid, e.target)) return 'EPERM';
      return isCode(e.reason) ? shutsDown(d) : 'EINVAL';
    },
    moves: (m, e) => shutDown(domainAt(m, e.target), e.reason),
  }),
};
