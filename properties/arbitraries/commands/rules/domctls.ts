/** What the tool stack asks for, in the model's words. */
import { VIRQ_PER_DOMAIN, VIRQ_PER_VCPU } from '../../../../src/host/constants.ts';
import type { DomctlEvent } from '../../../../src/hypercalls/domctl/steps.ts';
import type { DomainModel, Model } from '../model.ts';
import {
  adopt,
  byTools,
  domainAt,
  domainsOf,
  numbers,
  type Rule,
  type RulesOf,
  type Says,
} from '../rule.ts';
import { resetFrom, resetGoesOn } from './events.ts';

const NR_VIRQS = 24;
const MAX_PAUSES = 255;

type Domctl = { readonly caller: number; readonly domid: number };

/** Domctls about another domain: what is said of the domain, if it is none of these. */
const about =
  (says: (d: DomainModel, m: Model) => Says) =>
  (m: Model, e: Domctl): Says => {
    if (e.caller === e.domid) return 'EINVAL';
    const d = m.domains[e.domid];
    return d === undefined ? 'ESRCH' : says(d, m);
  };
const alive = (d: DomainModel): Says => (d.life === 'alive' ? 'happens' : 'EINVAL');

/** Everything that paused for the shutdown goes on, and its code is forgotten (F2.26). */
const resume = (d: DomainModel): void => {
  d.shutdown = 'none';
  d.code = null;
  for (const v of d.vcpus) v.stopped = false;
};

/**
 * A domctl that the caller may stand at already, since the lock was taken: the
 * model has not what a vCPU stands at. Its refusal is then an answer in a
 * register, so that the step happens with nothing done.
 */
const reissuable = <E extends Domctl & { readonly vcpu: number }>(rule: Rule<E>): Rule<E> => {
  const called = byTools<E>(rule);
  const stands = (m: Model, e: E): boolean => m.domains[e.caller]?.vcpus[e.vcpu]?.ready === false;
  return {
    could: (m) => domainsOf(m).some((d) => d.privileged),
    says: (m, e) => (stands(m, e) ? 'open' : called.says(m, e)),
    moves: (m, e, after) => {
      if (!stands(m, e)) called.moves?.(m, e, after);
      else adopt(m, after, e.domid, 'pauses', 'holds', 'life', 'shutdown', 'code', 'vcpus');
    },
  };
};

/** Whatever a step of domain_kill takes away; the domain's name and kind stay. */
export const tearDown = (m: Model, id: number, after: Model): void => {
  const d = domainAt(m, id);
  const now = after.domains[id];
  if (now === undefined) {
    d.life = 'dead';
    d.handles = {};
  } else {
    const { type, hardware, privileged, pauses, holds, maxPages } = d;
    const kept = { type, hardware, privileged, pauses, holds, maxPages };
    m.domains[id] = { ...structuredClone(now), ...kept };
  }
  // All that it handled, or nothing yet.
  if (!Object.values(after.handlers).includes(id))
    for (const virq of numbers(m.handlers)) if (m.handlers[virq] === id) delete m.handlers[virq];
  for (const other of numbers(m.domains))
    if (other !== id) adopt(m, after, other, 'ports', 'pins', 'pages');
};

export const domctlRules: RulesOf<DomctlEvent['type']> = {
  'domctl.createdomain': byTools({
    says: (m, e) =>
      m.domains[e.domid] !== undefined || m.destroying.includes(e.domid) ? 'EEXIST' : 'open',
    moves: (m, e, after) => {
      const fresh = after.domains[e.domid];
      if (fresh !== undefined && fresh.life === 'alive' && numbers(fresh.ports).length === 0)
        m.domains[e.domid] = { ...structuredClone(fresh), pages: 0, handles: {}, pins: {} };
    },
  }),
  'domctl.max_vcpus': byTools({
    says: about((d) => alive(d)),
    moves: (m, e, after) => adopt(m, after, e.domid, 'vcpus'),
  }),
  'domctl.max_mem': byTools({
    says: about(() => 'happens'),
    moves: (m, e) => {
      domainAt(m, e.domid).maxPages = e.pages;
    },
  }),
  'domctl.setvcpucontext': byTools({
    could: (m) => domainsOf(m).some((d) => d.vcpus.some((v) => !v.initialised)),
    says: (m, e) =>
      about((d) => {
        const v = d.vcpus[e.target];
        if (v === undefined) return 'EINVAL';
        return v.initialised || d.life !== 'alive' ? 'not enabled' : 'open';
      })(m, e),
    moves: (m, e) => {
      const v = domainAt(m, e.domid).vcpus[e.target];
      if (v !== undefined) Object.assign(v, { initialised: true, down: false });
    },
  }),
  'domctl.contended': byTools({
    says: (m, e) => {
      const d = m.domains[e.domid];
      if (d === undefined) return 'ESRCH';
      return e.command === 'destroydomain' && d.life === 'dying' ? 'not enabled' : 'happens';
    },
  }),
  'domctl.pausedomain': reissuable({
    says: about((d) => (d.pauses >= MAX_PAUSES ? 'EOVERFLOW' : 'happens')),
    moves: (m, e) => {
      domainAt(m, e.domid).pauses++;
    },
  }),
  'domctl.unpausedomain': reissuable({
    says: about((d) => (d.pauses === 0 ? 'EINVAL' : 'happens')),
    moves: (m, e) => {
      domainAt(m, e.domid).pauses--;
    },
  }),
  'domctl.resumedomain': reissuable({
    says: about(alive),
    moves: (m, e) => resume(domainAt(m, e.domid)),
  }),
  'domctl.soft_reset': byTools({
    could: (m) => domainsOf(m).some((d) => d.shutdown === 'complete'),
    says: about((d) => {
      const down = d.type !== 'pv' && d.life === 'alive' && d.vcpus.every((v) => v.stopped);
      if (!down || d.pauses === 0) return 'EINVAL';
      return d.reset === 0 ? 'happens' : 'EBUSY';
    }),
    moves: (m, e, after) => {
      resetFrom(m, e.domid, e.ports, after);
      if (domainAt(m, e.domid).reset === 0) resume(domainAt(m, e.domid));
    },
  }),
  'domctl.soft_reset-continue': resetGoesOn,
  'domctl.destroydomain': reissuable({
    says: about(() => 'happens'),
    moves: (m, e) => {
      const d = domainAt(m, e.domid);
      if (d.life !== 'alive') return;
      d.life = 'dying';
      d.holds++;
    },
  }),
  'domain.kill': {
    could: (m) => domainsOf(m).some((d) => d.life === 'dying'),
    says: (m, e) => (m.domains[e.domid]?.life === 'dying' ? 'happens' : 'not enabled'),
    moves: (m, e, after) => tearDown(m, e.domid, after),
  },
  'domctl.shadow_op': byTools({
    could: (m) => domainsOf(m).some((d) => d.type !== 'pv'),
    says: (m, e) => {
      const d = m.domains[e.domid];
      if (d === undefined) return 'ESRCH';
      if (d.life !== 'alive' || e.caller === e.domid || d.type === 'pv') return 'EINVAL';
      if (e.op === 'get_allocation') return 'happens';
      if (d.paging) return 'EBUSY';
      if (e.op === 'set_allocation') return 'happens';
      return d.logged === (e.op === 'enable_logdirty') ? 'EINVAL' : 'happens';
    },
    moves: (m, e) => {
      const d = domainAt(m, e.domid);
      if (e.op === 'get_allocation') return;
      if (e.op === 'enable_logdirty') d.logged = true;
      else if (e.preempt) d.paging = true;
      else if (e.op === 'off') d.logged = false;
    },
  }),
  'paging.continue': {
    could: (m) => domainsOf(m).some((d) => d.paging),
    says: (m, e) => (m.domains[e.domid]?.paging === true ? 'happens' : 'not enabled'),
    moves: (m, e, after) => {
      domainAt(m, e.domid).paging = false;
      adopt(m, after, e.domid, 'logged');
    },
  },
  'domctl.set_virq_handler': byTools({
    says: (m, e) => {
      const d = m.domains[e.domid];
      if (d === undefined) return 'ESRCH';
      const local = VIRQ_PER_VCPU.includes(e.virq) || VIRQ_PER_DOMAIN.includes(e.virq);
      return local || e.virq >= NR_VIRQS ? 'EINVAL' : alive(d);
    },
    moves: (m, e) => {
      m.handlers[e.virq] = e.domid;
    },
  }),
  'domctl.set_target': byTools({
    says: (m, e) => {
      const d = m.domains[e.domid];
      if (d === undefined || m.domains[e.target] === undefined) return 'ESRCH';
      return e.domid === e.target || d.target !== null ? 'EINVAL' : 'happens';
    },
    moves: (m, e) => {
      domainAt(m, e.domid).target = e.target;
    },
  }),
  'sysctl.cpu_hotplug': byTools({
    says: (m, e) => (e.cpu < 1 || e.cpu >= m.cpus ? 'EINVAL' : 'happens'),
    moves: (m, e) => {
      const id = Math.max(-1, ...numbers(m.tasklets)) + 1;
      const waiter = { d: e.caller, v: e.vcpu };
      m.tasklets[id] = { work: 'continue_hypercall', ...waiter, runs: true };
      const v = domainAt(m, e.caller).vcpus[e.vcpu];
      if (v !== undefined) v.waits++;
    },
  }),
};
