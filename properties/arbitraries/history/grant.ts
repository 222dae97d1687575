/** Grants offered, mapped, copied and transferred. */
import { numericKeys } from '../../../src/host/codec.ts';
import { PGT } from '../../../src/host/page-type.ts';
import {
  FREE_GFNS,
  framesOf,
  grantFor,
  type Makers,
  mappedAt,
  ofType,
  pageOf,
  pick,
  untypedOf,
} from './choices.ts';

export const grantMakers = {
  'grant.offer': (h, d, w, [a, b, c]) => ({
    type: 'grant.offer',
    ...w,
    ref: c % 12,
    to: pick(numericKeys(h.xen.domains), a, 0),
    gfn: pageOf(h, d, b),
    readonly: c % 3 === 0,
    offer:
      a % 5 === 0
        ? 'transfer'
        : a % 7 === 0
          ? { offset: 0, length: 64 }
          : a % 11 === 0
            ? { domid: 0, ref: 8 }
            : 'page',
  }),
  'grant.revoke': (_h, _d, w, [a]) => ({ type: 'grant.revoke', ...w, ref: a % 12 }),
  'guest.invalidate-grant': (_h, _d, w, [a]) => ({
    type: 'guest.invalidate-grant',
    ...w,
    ref: a % 12,
  }),
  'grant.map': (h, d, w, [a, b, c]) => {
    const [granter, ref] = grantFor(h, d.domid, a);
    const l1 = pick(framesOf(h, d.domid, ofType(PGT.l1)), b, 0);
    return {
      type: 'grant.map',
      ...w,
      granter,
      ref,
      flags: d.type === 'pv' ? c % 8 : 2 + 4 * (c % 2),
      at: d.type === 'pv' ? l1 : FREE_GFNS + (b % 50),
      slot: 200 + (b % 20),
    };
  },
  'grant.unmap': (h, d, w, [a, b]) => {
    const handle = pick(numericKeys(d.grants.maptrack), a, 0);
    return { type: 'grant.unmap', ...w, handle, parts: 1 + (b % 3), ...mappedAt(h, d, handle) };
  },
  'grant.copy': (h, d, w, [a, b, c]) => {
    const [granter, ref] = grantFor(h, d.domid, a);
    return { type: 'grant.copy', ...w, granter, ref, gfn: pageOf(h, d, b), into: c % 2 === 0 };
  },
  'grant.transfer': (h, d, w, [a, b]) => {
    const [to, ref] = grantFor(h, d.domid, a);
    return { type: 'grant.transfer', ...w, to, ref, gfn: untypedOf(h, d, b) };
  },
  'grant.setup_table': (_h, _d, w, [a]) => ({ type: 'grant.setup_table', ...w, frames: a % 5 }),
  'grant.set_version': (_h, _d, w, [a]) => ({ type: 'grant.set_version', ...w, version: a % 4 }),
} satisfies Partial<Makers>;
