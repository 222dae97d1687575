/** GNTTABOP_map_grant_ref and unmap_grant_ref (F7.4 to F7.6). */
import { GNTMAP } from '../../host/constants.ts';
import { P2M_TYPE, PTE, pte, pteFrame, pteIs } from '../../host/content.ts';
import { FLAG, hasFlag, ownerOf, typeOf } from '../../host/frame-table.ts';
import { domid, grantRef } from '../../host/ids.ts';
import { PGT } from '../../host/page-type.ts';
import { clearP2m, p2mOf, setP2m } from '../memory/p2m.ts';
import { getPage, getPageType } from '../pages/gets.ts';
import { putEntry } from '../pages/puts.ts';
import { type Body, type Refused, refuse, type StepError } from '../step.ts';
import { type MutableDomain, type Transaction, withWord } from '../transaction.ts';
import { domainCrash } from '../vcpu/shutdown.ts';
import { caller, isCaller } from '../vcpus.ts';
import { acquireForMap, granterOf, MAX_PIN } from './acquire.ts';
import { freeHandle, hostMapTakesType, statusOf, takeHandle, undoMapping } from './maptrack.ts';
import { setStatusBits } from './shared.ts';

/** Where the host map is: a gfn of a translated domain; a slot of an L1, by its frame, of a PV one. */
export interface HostAddress {
  readonly at: number;
  readonly slot: number;
}
export interface GrantMap extends HostAddress {
  readonly type: 'grant.map';
  readonly domid: number;
  readonly vcpu: number;
  readonly granter: number;
  readonly ref: number;
  /** GNTMAP host_map, device_map, readonly. */
  readonly flags: number;
}
/** `parts`: GNTMAP host_map and device_map; one may be undone without the other. */
export interface GrantUnmap extends HostAddress {
  readonly type: 'grant.unmap';
  readonly domid: number;
  readonly vcpu: number;
  readonly handle: number;
  readonly parts: number;
}

const PARTS = GNTMAP.host_map | GNTMAP.device_map;
const general = (what: string): Refused => refuse('GNTST_general_error', what);

/** An entry of a validated L1 of the domain, or null: there is no such slot. */
const l1Entry = (tx: Transaction, d: MutableDomain, where: HostAddress): number | null => {
  const { at, slot } = where;
  const isL1 = typeOf(tx.frames, at) === PGT.l1 && hasFlag(tx.frames, at, FLAG.validated);
  if (!isL1 || ownerOf(tx.frames, at) !== d.domid || slot < 0 || slot >= 512) return null;
  const table = tx.content(at, 'pagetable');
  return table === null ? null : (table.entries[slot] ?? 0);
};

const writeL1 = (tx: Transaction, where: HostAddress, entry: number): void => {
  const table = tx.content(where.at, 'pagetable');
  if (table !== null) table.entries = withWord(table.entries, where.slot, entry);
};

/** create_grant_host_mapping: what was mapped there before is dropped. */
const mapHost = (
  tx: Transaction,
  d: MutableDomain,
  where: HostAddress,
  frame: number,
  readonly: boolean,
): StepError | null => {
  if (d.type !== 'pv') {
    // A guest that maps over something of its own only loses it; the model does not follow.
    if (p2mOf(tx, d, where.at) !== null) return 'not enabled';
    const type = readonly ? P2M_TYPE.grant_map_ro : P2M_TYPE.grant_map_rw;
    return setP2m(tx, d, where.at, { frame, type });
  }
  const before = l1Entry(tx, d, where);
  if (before === null) return general(`${where.at}[${where.slot}] is no L1 entry`);
  putEntry(tx, where.at, PGT.l1, before);
  writeL1(tx, where, pte(frame, PTE.present | PTE.grant | (readonly ? 0 : PTE.rw)));
  return null;
};

/** replace_grant_host_mapping: the address must map the grant's frame. */
const unmapHost = (
  tx: Transaction,
  d: MutableDomain,
  where: HostAddress,
  frame: number,
): Refused | null => {
  if (d.type !== 'pv') {
    const entry = p2mOf(tx, d, where.at);
    const isGrant = entry?.type === P2M_TYPE.grant_map_rw || entry?.type === P2M_TYPE.grant_map_ro;
    if (!isGrant || entry?.frame !== frame) return general(`gfn ${where.at} does not map it`);
    clearP2m(tx, d, where.at);
    return null;
  }
  const entry = l1Entry(tx, d, where) ?? 0;
  if (!pteIs(entry, PTE.present) || !pteIs(entry, PTE.grant) || pteFrame(entry) !== frame)
    return general(`${where.at}[${where.slot}] does not map it`);
  writeL1(tx, where, 0);
  return null;
};

/** The references of each part (F7.5). */
const takeReferences = (
  tx: Transaction,
  frame: number,
  flags: number,
  hostTakesType: boolean,
): Refused | null => {
  const readonly = (flags & GNTMAP.readonly) !== 0;
  if ((flags & GNTMAP.device_map) !== 0) {
    const failed = getPage(tx, frame) ?? (readonly ? null : getPageType(tx, frame, PGT.writable));
    if (failed !== null) return general(failed.what);
  }
  if ((flags & GNTMAP.host_map) === 0) return null;
  const failed =
    getPage(tx, frame) ?? (hostTakesType ? getPageType(tx, frame, PGT.writable) : null);
  return failed === null ? null : general(failed.what);
};

export const map: Body<GrantMap> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  if ((e.flags & PARTS) === 0) return refuse('GNTST_bad_gntref', 'neither host nor device map');
  if (c.d.type !== 'pv' && (e.flags & GNTMAP.device_map) !== 0)
    return general('a translated domain makes host maps only');
  const granter = granterOf(tx, e.granter);
  if ('errno' in granter) return granter;
  const readonly = (e.flags & GNTMAP.readonly) !== 0;
  const active = acquireForMap(tx, granter, e.ref, e.domid, readonly);
  if ('errno' in active) return active;
  const parts = [
    (e.flags & GNTMAP.host_map) === 0 ? null : readonly ? 'hstr' : 'hstw',
    (e.flags & GNTMAP.device_map) === 0 ? null : readonly ? 'devr' : 'devw',
  ] as const;
  for (const part of parts) {
    if (part === null) continue;
    if (active.pins[part] >= MAX_PIN) return general(`grant ${e.ref} has ${MAX_PIN} pins`);
    active.pins[part]++;
  }
  const takesType = hostMapTakesType(granter, e.domid, readonly);
  const failed = takeReferences(tx, active.frame, e.flags, takesType);
  if (failed !== null) return failed;
  setStatusBits(tx, granter, e.ref, statusOf(active.pins));
  const unmapped =
    (e.flags & GNTMAP.host_map) === 0 ? null : mapHost(tx, c.d, e, active.frame, readonly);
  if (unmapped !== null) return unmapped;
  const handle = takeHandle(c.d, e.vcpu);
  if (handle === null) return refuse('GNTST_no_device_space', `d${e.domid} has no handle left`);
  c.d.grants.maptrack[handle] = {
    granter: domid(e.granter),
    ref: grantRef(e.ref),
    flags: e.flags & (PARTS | GNTMAP.readonly),
    vcpu: e.vcpu,
  };
  return null;
};

/** A granter that no longer exists crashes the unmapping domain (F7.6). */
export const unmap: Body<GrantUnmap> = (tx, e) => {
  const c = caller(tx, e.domid, e.vcpu);
  if (!isCaller(c)) return c;
  const entry = c.d.grants.maptrack[e.handle];
  if (entry === undefined) return refuse('GNTST_bad_handle', `no handle ${e.handle}`);
  const granter = tx.domain(entry.granter);
  if (granter === undefined) {
    domainCrash(tx, c.d);
    return null;
  }
  const active = granter.grants.active[entry.ref];
  const parts = e.parts & entry.flags & PARTS;
  if (active === undefined || parts === 0)
    return refuse('GNTST_bad_gntref', `handle ${e.handle} has no such part`);
  const failed = (parts & GNTMAP.host_map) === 0 ? null : unmapHost(tx, c.d, e, active.frame);
  if (failed !== null) return failed;
  undoMapping(tx, e.domid, entry, parts);
  entry.flags &= ~parts;
  if ((entry.flags & PARTS) === 0) freeHandle(c.d, e.handle);
  return null;
};
