/** Whether a grant may be used, and which page it stands for (F7.3, F7.5, F7.7). */
import { DOMID_FIRST_RESERVED, GTF, PAGE_SIZE } from '../../host/constants.ts';
import { noPins, pinTotal } from '../../host/grant-table.ts';
import { domid, grantRef, type Mfn } from '../../host/ids.ts';
import { ownPage } from '../memory/guest-page.ts';
import { type Refused, refuse } from '../step.ts';
import type { MutableDomain, Transaction } from '../transaction.ts';
import { hasRef, type SharedEntry, sharedEntry } from './shared.ts';

/** Largest value of a pin counter: eight bits (F7.3). */
export const MAX_PIN = 255;

export type Active = MutableDomain['grants']['active'][number];

export const granterOf = (tx: Transaction, id: number): MutableDomain | Refused => {
  const d = id < DOMID_FIRST_RESERVED ? tx.domain(id) : undefined;
  return d ?? refuse('GNTST_bad_domain', `no d${id}`);
};

/** The entry, if it offers access of this kind to `grantee`. */
export const offered = (
  tx: Transaction,
  granter: MutableDomain,
  ref: number,
  grantee: number,
  readonly: boolean,
): SharedEntry | Refused => {
  if (!hasRef(tx, granter, ref))
    return refuse('GNTST_bad_gntref', `d${granter.domid} has no grant ${ref}`);
  const entry = sharedEntry(tx, granter, ref);
  const type = (entry?.flags ?? 0) & GTF.type_mask;
  if (entry === null || (type !== GTF.permit_access && type !== GTF.transitive))
    return refuse('GNTST_general_error', `d${granter.domid} grant ${ref} permits no access`);
  if (entry.domid !== grantee)
    return refuse('GNTST_general_error', `d${granter.domid} grant ${ref} is not for d${grantee}`);
  if (!readonly && (entry.flags & GTF.readonly) !== 0)
    return refuse('GNTST_general_error', `d${granter.domid} grant ${ref} is read-only`);
  return entry;
};

/**
 * The active entry of a grant that is to be mapped whole. The first pin reads
 * the shared entry and fixes the frame; a first writable pin reads it again
 * for the right to write, but not for the frame (F7.3).
 */
export const acquireForMap = (
  tx: Transaction,
  granter: MutableDomain,
  ref: number,
  grantee: number,
  readonly: boolean,
): Active | Refused => {
  const active = granter.grants.active[ref];
  const pinned = active !== undefined && pinTotal(active.pins) > 0;
  if (pinned && active.domid !== grantee)
    return refuse('GNTST_general_error', `grant ${ref} is mapped by d${active.domid}`);
  const writablePins = pinned ? active.pins.hstw + active.pins.devw : 0;
  if (pinned && (readonly || writablePins > 0)) return active;
  const entry = offered(tx, granter, ref, grantee, readonly);
  if ('errno' in entry) return entry;
  if ((entry.flags & GTF.sub_page) !== 0 || (entry.flags & GTF.type_mask) === GTF.transitive)
    return refuse('GNTST_general_error', `grant ${ref} can only be copied`);
  if (pinned) return active;
  const frame = pageOf(tx, granter, entry);
  if (typeof frame !== 'number') return frame;
  const fresh: Active = {
    pins: { ...noPins },
    domid: domid(grantee),
    frame,
    transitive: null,
    start: 0,
    length: PAGE_SIZE,
  };
  granter.grants.active[grantRef(ref)] = fresh;
  return granter.grants.active[ref] ?? fresh;
};

const pageOf = (tx: Transaction, granter: MutableDomain, entry: SharedEntry): Mfn | Refused =>
  ownPage(tx, granter, entry.frame) ??
  refuse('GNTST_general_error', `d${granter.domid} has no page ${entry.frame}`);

/**
 * The page behind a grant that is copied from or to. A transitive grant leads
 * to one of another domain, and no further (F7.7). The grantee of the second
 * is the granter of the first.
 */
export const pageForCopy = (
  tx: Transaction,
  granter: MutableDomain,
  ref: number,
  grantee: number,
  readonly: boolean,
): Mfn | Refused => {
  const entry = offered(tx, granter, ref, grantee, readonly);
  if ('errno' in entry) return entry;
  if ((entry.flags & GTF.type_mask) !== GTF.transitive) {
    // A pinned grant keeps the frame of its first pin.
    return granter.grants.active[ref]?.frame ?? pageOf(tx, granter, entry);
  }
  const via = entry.transitive;
  const source = via == null ? undefined : tx.domain(via.domid);
  if (via == null || source === undefined || source.domid === granter.domid)
    return refuse('GNTST_general_error', `grant ${ref} leads nowhere`);
  const behind = offered(tx, source, via.ref, granter.domid, readonly);
  if ('errno' in behind) return behind;
  if ((behind.flags & GTF.type_mask) === GTF.transitive)
    return refuse('GNTST_general_error', `grant ${ref} leads over more than one domain`);
  return source.grants.active[via.ref]?.frame ?? pageOf(tx, source, behind);
};
