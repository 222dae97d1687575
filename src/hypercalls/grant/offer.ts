/** A guest offers a page, or withdraws the offer: writes to its own grant frames (F7.1, F7.2). */
import { GTF } from '../../host/constants.ts';
import { ownPage } from '../memory/guest-page.ts';
import type { Body } from '../step.ts';
import { caller, isCaller } from '../vcpus.ts';
import {
  hasRef,
  IN_USE,
  type SharedEntry,
  sharedEntry,
  statusBits,
  writeShared,
} from './shared.ts';

/**
 * `offer`: access to a whole page, to some bytes of it (v2), to a grant of
 * another domain (v2, F7.7), or a place for a page that is transferred.
 */
export interface GrantOffer {
  readonly type: 'grant.offer';
  readonly domid: number;
  readonly vcpu: number;
  readonly ref: number;
  readonly to: number;
  readonly gfn: number;
  readonly readonly: boolean;
  readonly offer:
    | 'page'
    | 'transfer'
    | { readonly offset: number; readonly length: number }
    | { readonly domid: number; readonly ref: number };
}
/** The guest writes GTF_invalid over an entry that is in use. */
export interface InvalidateGrant {
  readonly type: 'guest.invalidate-grant';
  readonly domid: number;
  readonly vcpu: number;
  readonly ref: number;
}
export interface GrantRevoke {
  readonly type: 'grant.revoke';
  readonly domid: number;
  readonly vcpu: number;
  readonly ref: number;
}

const entryOf = (e: GrantOffer): SharedEntry => {
  const base = { domid: e.to, frame: e.gfn, subPage: null, transitive: null };
  const ro = e.readonly ? GTF.readonly : 0;
  if (e.offer === 'transfer') return { ...base, flags: GTF.accept_transfer };
  if (e.offer === 'page') return { ...base, flags: GTF.permit_access | ro };
  if ('offset' in e.offer)
    return { ...base, flags: GTF.permit_access | GTF.sub_page | ro, subPage: e.offer };
  return { ...base, flags: GTF.transitive | ro, frame: 0, transitive: e.offer };
};

/** A careful guest offers only pages that it has, at references that are unused. */
export const offer: Body<GrantOffer> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const { d } = c;
  if (!hasRef(tx, d, e.ref) || sharedEntry(tx, d, e.ref) !== null) return 'not enabled';
  if (d.grants.active[e.ref] !== undefined) return 'not enabled';
  if (typeof e.offer === 'object' && d.grants.version === 1) return 'not enabled';
  const entry = entryOf(e);
  if (entry.transitive == null && e.offer !== 'transfer' && ownPage(tx, d, e.gfn) === null)
    return 'not enabled';
  writeShared(tx, d, e.ref, entry);
  return null;
};

/** A careful guest withdraws an offer only while the status bits say that nobody uses it. */
export const revoke: Body<GrantRevoke> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if (sharedEntry(tx, c.d, e.ref) === null || statusBits(tx, c.d, e.ref) !== 0)
    return 'not enabled';
  writeShared(tx, c.d, e.ref, null);
  return null;
};

/**
 * The other half of the protocol: the offer is taken back first, so that it is
 * not mapped again, and the status is looked at afterwards. What is mapped
 * stays mapped, with the frame of the first pin (F7.3); no first pin is made
 * any more. The bits that Xen set stay until the last unmap: in version 1
 * they are in the entry, whose type alone is cleared.
 */
export const invalidate: Body<InvalidateGrant> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const entry = sharedEntry(tx, c.d, e.ref);
  const bits = statusBits(tx, c.d, e.ref);
  if (entry === null || (entry.flags & GTF.type_mask) === 0 || bits === 0) return 'not enabled';
  if (c.d.grants.version === 1) entry.flags &= IN_USE;
  else writeShared(tx, c.d, e.ref, null);
  return null;
};
