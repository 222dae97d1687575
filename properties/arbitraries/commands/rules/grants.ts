/** Grant tables, in the model's words. */
import type { GrantEvent } from '../../../../src/hypercalls/grant/steps.ts';
import type { Model } from '../model.ts';
import {
  callers,
  domainAt,
  domainsOf,
  hypercall,
  numbers,
  pagesMayGo,
  type RulesOf,
} from '../rule.ts';

/** Entries that a change of version keeps (F7.8). */
const RESERVED = 8;
/** Free frames that no table of the model's hosts needs more of. */
const PLENTY = 8;

const partsOf = (flags: number): number => (flags & 1) + ((flags >> 1) & 1);
const offersAny = (m: Model): boolean => domainsOf(m).some((d) => numbers(d.offers).length > 0);
const grants = (m: Model, granter: number, ref: number, to: number): boolean => {
  const offer = m.domains[granter]?.offers[ref];
  return offer === `access to d${to}` || offer === `transitive to d${to}`;
};

export const grantRules: RulesOf<GrantEvent['type']> = {
  'grant.offer': hypercall({
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      if (d.offers[e.ref] !== undefined || d.pins[e.ref] !== undefined) return 'not enabled';
      return typeof e.offer === 'object' && d.grantVersion === 1 ? 'not enabled' : 'open';
    },
    moves: (m, e) => {
      const via = typeof e.offer === 'object' && 'ref' in e.offer;
      const kind = e.offer === 'transfer' ? 'transfer' : via ? 'transitive' : 'access';
      domainAt(m, e.domid).offers[e.ref] = `${kind} to d${e.to}`;
    },
  }),
  'grant.revoke': hypercall({
    could: (m) => callers(m).some((d) => numbers(d.offers).length > 0),
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      const offer = d.offers[e.ref];
      if (offer === undefined || d.pins[e.ref] !== undefined) return 'not enabled';
      return offer.startsWith('transfer') ? 'open' : 'happens';
    },
    moves: (m, e) => {
      delete domainAt(m, e.domid).offers[e.ref];
    },
  }),
  'guest.invalidate-grant': hypercall({
    could: (m) =>
      callers(m).some((d) => numbers(d.offers).some((ref) => d.pins[ref] !== undefined)),
    says: (m, e) => (domainAt(m, e.domid).offers[e.ref] === undefined ? 'not enabled' : 'open'),
    moves: (m, e) => {
      delete domainAt(m, e.domid).offers[e.ref];
    },
  }),
  'grant.map': hypercall({
    could: offersAny,
    says: (m, e) => {
      if (partsOf(e.flags) === 0) return 'GNTST_bad_gntref';
      if (domainAt(m, e.domid).type !== 'pv' && (e.flags & 1) !== 0) return 'GNTST_general_error';
      const granter = m.domains[e.granter];
      if (granter === undefined) return 'GNTST_bad_domain';
      const usable = grants(m, e.granter, e.ref, e.domid) || granter.pins[e.ref] !== undefined;
      return usable ? 'open' : 'no';
    },
    moves: (m, e, after) => {
      const { handles } = domainAt(m, e.domid);
      const now = numbers(after.domains[e.domid]?.handles ?? {});
      const handle = now.find((h) => handles[h] === undefined) ?? -1;
      handles[handle] = { granter: e.granter, ref: e.ref, parts: e.flags & 3 };
      const { pins } = domainAt(m, e.granter);
      pins[e.ref] = (pins[e.ref] ?? 0) + partsOf(e.flags);
    },
  }),
  'grant.unmap': hypercall({
    could: (m) => callers(m).some((d) => numbers(d.handles).length > 0),
    says: (m, e) => {
      const map = domainAt(m, e.domid).handles[e.handle];
      if (map === undefined) return 'GNTST_bad_handle';
      return (e.parts & map.parts) === 0 ? 'GNTST_bad_gntref' : 'open';
    },
    moves: (m, e, after) => {
      const { handles } = domainAt(m, e.domid);
      const map = handles[e.handle];
      if (map === undefined) return;
      const parts = e.parts & map.parts;
      map.parts &= ~parts;
      if (map.parts === 0) delete handles[e.handle];
      const { pins } = domainAt(m, map.granter);
      const left = (pins[map.ref] ?? 0) - partsOf(parts);
      if (left === 0) delete pins[map.ref];
      else pins[map.ref] = left;
      pagesMayGo(m, after);
    },
  }),
  'grant.copy': hypercall({
    could: offersAny,
    says: (m, e) => {
      if (m.domains[e.granter] === undefined) return 'GNTST_bad_domain';
      return grants(m, e.granter, e.ref, e.domid) ? 'open' : 'no';
    },
  }),
  'grant.transfer': hypercall({
    could: (m) =>
      domainsOf(m).some((d) => Object.values(d.offers).some((o) => o.startsWith('transfer to'))),
    says: (m, e) => {
      if (domainAt(m, e.domid).type !== 'pv') return 'not enabled';
      const to = m.domains[e.to];
      const takes =
        to?.offers[e.ref] === `transfer to d${e.domid}` &&
        to.life === 'alive' &&
        to.pages < to.maxPages;
      return takes ? 'open' : 'no';
    },
    moves: (m, e) => {
      domainAt(m, e.domid).pages--;
      domainAt(m, e.to).pages++;
      domainAt(m, e.to).offers[e.ref] = `transfer done to d${e.domid}`;
    },
  }),
  'grant.setup_table': hypercall({
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      if (e.frames > d.maxGrantFrames) return 'GNTST_general_error';
      return e.frames <= d.grantFrames || m.free >= PLENTY ? 'happens' : 'open';
    },
    moves: (m, e) => {
      const d = domainAt(m, e.domid);
      d.grantFrames = Math.max(d.grantFrames, e.frames);
    },
  }),
  'grant.set_version': hypercall({
    says: (m, e) => {
      const d = domainAt(m, e.domid);
      if (e.version !== 1 && e.version !== 2) return 'EINVAL';
      if (e.version === d.grantVersion) return 'open';
      return numbers(d.pins).some((ref) => ref >= RESERVED) ? 'no' : 'open';
    },
    moves: (m, e) => {
      const d = domainAt(m, e.domid);
      if (d.grantVersion !== e.version)
        for (const ref of numbers(d.offers)) if (ref >= RESERVED) delete d.offers[ref];
      d.grantVersion = e.version;
    },
  }),
};
