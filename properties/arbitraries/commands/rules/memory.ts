/** Memory and PV page tables, in the model's words: counts of pages and names of pinned tables. */
import type { MemoryEvent } from '../../../../src/hypercalls/memory/steps.ts';
import type { MmuEvent } from '../../../../src/hypercalls/mmu/steps.ts';
import type { DomainModel, Model } from '../model.ts';
import {
  adopt,
  callers,
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

const takesPage = (m: Model, d: DomainModel): Says => {
  if (d.life !== 'alive') return 'EINVAL';
  return d.pages >= d.maxPages || m.free === 0 ? 'ENOMEM' : 'happens';
};
const mayFree = (m: Model, _e: unknown, after: Model): void => pagesMayGo(m, after);

export const memoryRules: RulesOf<MemoryEvent['type']> = {
  'memory.increase_reservation': hypercall({
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      return d.type === 'pv' ? takesPage(m, d) : 'not enabled';
    },
    moves: (m, e) => {
      domainAt(m, e.domid).pages++;
    },
  }),
  'memory.populate_physmap': hypercall({
    says: (m, e) => {
      const d = m.domains[e.target];
      if (d === undefined) return 'ESRCH';
      if (!hasRight(m, e.domid, e.target)) return 'EPERM';
      const says = takesPage(m, d);
      if (d.type === 'pv') return says;
      // Something may be mapped there already, or a table for it be wanting.
      return says === 'happens' ? 'open' : 'no';
    },
    moves: (m, e) => {
      domainAt(m, e.target).pages++;
    },
  }),
  'memory.decrease_reservation': hypercall({ says: () => 'open', moves: mayFree }),
  'memory.exchange': hypercall({
    says: (m, e) => (domainAt(m, e.domid).type === 'pv' ? 'open' : 'not enabled'),
  }),
  'memory.extents': hypercall({
    says: (m, e) => {
      const { type } = domainAt(m, e.domid);
      return e.command === 'exchange' && type !== 'pv' ? 'not enabled' : 'open';
    },
    moves: mayFree,
  }),
  'memory.add_to_physmap': hypercall({
    could: (m) => callers(m).some((d) => d.type !== 'pv'),
    says: (m, e) => (domainAt(m, e.domid).type === 'pv' ? 'EINVAL' : 'open'),
    moves: (m, e, after) => {
      pagesMayGo(m, after);
      const d = domainAt(m, e.domid);
      if (e.space === 'grant_table') d.grantFrames = Math.max(d.grantFrames, e.index + 1);
    },
  }),
  'memory.remove_from_physmap': hypercall({
    says: (m, e) => (domainAt(m, e.domid).type === 'pv' ? 'EINVAL' : 'open'),
    moves: mayFree,
  }),
  'guest.write': hypercall({ says: () => 'open' }),
  'guest.write-table': hypercall({
    says: (m, e) => (domainAt(m, e.domid).type === 'pv' ? 'open' : 'not enabled'),
  }),
};

/** Hypercalls that only PV guests make. */
const ofPv = (m: Model, e: { readonly domid: number }): Says =>
  domainAt(m, e.domid).type === 'pv' ? 'open' : 'not enabled';
const pvCalls = (m: Model): boolean => callers(m).some((d) => d.type === 'pv');
/** Was the call preempted, so that its vCPU stands at it? */
const isPreempted = (after: Model, e: { readonly domid: number; readonly vcpu: number }): boolean =>
  !canCall(after, e.domid, e.vcpu);

export const mmuRules: RulesOf<MmuEvent['type']> = {
  'mmu.update': hypercall({ could: pvCalls, says: ofPv, moves: mayFree }),
  'mmu.set_gdt': hypercall({ could: pvCalls, says: ofPv, moves: mayFree }),
  'mmuext.pin': hypercall({
    could: pvCalls,
    says: (m, e) => {
      if (ofPv(m, e) !== 'open') return 'not enabled';
      return domainAt(m, e.domid).pinned.includes(e.frame) ? 'EINVAL' : 'open';
    },
    moves: (m, e, after) => {
      const d = domainAt(m, e.domid);
      if (!isPreempted(after, e)) d.pinned = [...d.pinned, e.frame].sort((a, b) => a - b);
      pagesMayGo(m, after);
    },
  }),
  'mmuext.unpin': hypercall({
    could: (m) => callers(m).some((d) => d.pinned.length > 0),
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      if (d.type !== 'pv') return 'not enabled';
      return d.pinned.includes(e.frame) ? 'happens' : 'EINVAL';
    },
    moves: (m, e, after) => {
      const d = domainAt(m, e.domid);
      d.pinned = d.pinned.filter((f) => f !== e.frame);
      pagesMayGo(m, after);
    },
  }),
  'mmuext.pin-continue': {
    could: (m) => domainsOf(m).some((d) => d.type === 'pv' && d.vcpus.some((v) => !v.ready)),
    says: () => 'open',
    moves: (m, e, after) => {
      adopt(m, after, e.domid, 'pinned');
      pagesMayGo(m, after);
    },
  },
  'mmuext.new_baseptr': hypercall({ could: pvCalls, says: ofPv, moves: mayFree }),
  'mmuext.new_user_baseptr': hypercall({ could: pvCalls, says: ofPv, moves: mayFree }),
  'mm.put-old-table': {
    could: (m) => numbers(m.domains).length > 0,
    says: () => 'open',
    moves: mayFree,
  },
};
