/** What the tool stack asks for. */
import { numericKeys } from '../../../src/host/codec.ts';
import { HYPERVISOR } from '../../../src/host/constants.ts';
import type { Host } from '../../../src/host/host.ts';
import { PGT } from '../../../src/host/page-type.ts';
import { framesOf, freeDomid, type Makers, ofType, pick, type Where } from './choices.ts';

const SHADOW_OPS = [
  ...(['enable_logdirty', 'peek', 'clean', 'off'] as const),
  ...(['set_allocation', 'get_allocation'] as const),
];

/** The domain that a preempted domctl of this vCPU is about; null: it stands at none. */
const standsFor = (h: Host, { domid, vcpu }: Where): number | null => {
  const r = h.xen.domains[domid]?.vcpus[vcpu]?.registers;
  return r?.atHypercall === true && r.rax === HYPERVISOR.domctl ? r.rsi : null;
};

/** Mostly one that only reads: a vCPU that stands at another has to issue that very one again. */
const CONTENDED = [
  ...(['getdomaininfo', 'getdomaininfo', 'getdomaininfo', 'getdomaininfo'] as const),
  ...(['pausedomain', 'unpausedomain', 'resumedomain', 'destroydomain'] as const),
];

export const domctlMakers = {
  'domctl.createdomain': (h, _d, w, [a, b]) => ({
    type: 'domctl.createdomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: freeDomid(h, a),
    domainType: pick(['pv', 'pvh', 'hvm'] as const, b, 'pv'),
    maxVcpus: 1 + (b % 2),
    grantVersion: 1 + (a % 2),
    maxGrantFrames: 4,
  }),
  'domctl.max_vcpus': (h, _d, w, [a]) => {
    const domid = pick(numericKeys(h.xen.domains), a, 0);
    const count = h.xen.domains[domid]?.config.maxVcpus ?? 1;
    return { type: 'domctl.max_vcpus', caller: w.domid, vcpu: w.vcpu, domid, count };
  },
  'domctl.max_mem': (h, _d, w, [a, b]) => ({
    type: 'domctl.max_mem',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    pages: b,
  }),
  'domctl.setvcpucontext': (h, _d, w, [a, b]) => {
    const domid = pick(numericKeys(h.xen.domains), a, 0);
    const cr3 = pick(framesOf(h, domid, ofType(PGT.l4)), b, 1);
    return { type: 'domctl.setvcpucontext', caller: w.domid, vcpu: w.vcpu, domid, target: 0, cr3 };
  },
  'domctl.contended': (h, _d, w, [a, b]) => ({
    type: 'domctl.contended',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    command: pick(CONTENDED, b, 'getdomaininfo'),
  }),
  'domctl.pausedomain': (h, _d, w, [a]) => ({
    type: 'domctl.pausedomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: standsFor(h, w) ?? pick(numericKeys(h.xen.domains), a, 0),
  }),
  'domctl.unpausedomain': (h, _d, w, [a]) => ({
    type: 'domctl.unpausedomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: standsFor(h, w) ?? pick(numericKeys(h.xen.domains), a, 0),
  }),
  'domctl.resumedomain': (h, _d, w, [a]) => ({
    type: 'domctl.resumedomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: standsFor(h, w) ?? pick(numericKeys(h.xen.domains), a, 0),
  }),
  'domctl.soft_reset': (h, _d, w, [a, b]) => ({
    type: 'domctl.soft_reset',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(
      numericKeys(h.xen.domains).filter((id) => h.xen.domains[id]?.shutdown.state === 'complete'),
      a,
      0,
    ),
    ports: b % 2 === 0 ? null : b % 6,
  }),
  'domctl.soft_reset-continue': (_h, _d, w, [a]) => ({
    type: 'domctl.soft_reset-continue',
    ...w,
    ports: a % 2 === 0 ? null : a % 6,
  }),
  'domctl.destroydomain': (h, _d, w, [a]) => ({
    type: 'domctl.destroydomain',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: standsFor(h, w) ?? pick(numericKeys(h.xen.domains), a, 0),
  }),
  'domain.kill': (h, _d, _w, [a]) => ({
    type: 'domain.kill',
    domid: pick(
      numericKeys(h.xen.domains).filter((id) => h.xen.domains[id]?.dying === 'dying'),
      a,
      1,
    ),
  }),
  'domctl.shadow_op': (h, _d, w, [a, b, c]) => ({
    type: 'domctl.shadow_op',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(
      numericKeys(h.xen.domains).filter((id) => h.xen.domains[id]?.p2m != null),
      a,
      0,
    ),
    op: pick(SHADOW_OPS, b, 'off'),
    preempt: c % 2 === 0,
  }),
  'paging.continue': (h, _d, _w, [a]) => ({
    type: 'paging.continue',
    domid: pick(
      numericKeys(h.xen.domains).filter((id) => h.xen.domains[id]?.pagingPreempt !== null),
      a,
      0,
    ),
  }),
  'domctl.set_virq_handler': (h, _d, w, [a, b]) => ({
    type: 'domctl.set_virq_handler',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    virq: b % 25,
  }),
  'domctl.set_target': (h, _d, w, [a, b]) => ({
    type: 'domctl.set_target',
    caller: w.domid,
    vcpu: w.vcpu,
    domid: pick(numericKeys(h.xen.domains), a, 0),
    target: pick(numericKeys(h.xen.domains), b, 0),
  }),
  'sysctl.cpu_hotplug': (_h, _d, w, [a, b]) => ({
    type: 'sysctl.cpu_hotplug',
    caller: w.domid,
    vcpu: w.vcpu,
    cpu: a % 3,
    fails: b % 2 === 0,
  }),
} satisfies Partial<Makers>;
