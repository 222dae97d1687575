/** Grants under construction: offers, and maps with all that follows from them (F7.5). */
import {
  GNTMAP,
  GNTTAB_NR_RESERVED_ENTRIES,
  GTF,
  MAPTRACK_PER_PAGE,
  PAGE_SIZE,
} from '../constants.ts';
import { P2M_TYPE } from '../content.ts';
import { type ActiveGrant, noPins } from '../grant-table.ts';
import { domid, grantRef, type Mfn, mfn } from '../ids.ts';
import { BuildError, type DomainDraft, type Draft, domainAt, type HostDraft } from './draft.ts';
import { entryAt, setStatus, writeV1, writeV2 } from './grant-frames.ts';
import { takePage } from './memory.ts';
import { mapGfn } from './p2m.ts';
import { mapFrame } from './page-tables.ts';

export interface GrantOffer {
  /** The grantee. */
  readonly to: number;
  /** Default: the first reference after the reserved ones that has no offer. */
  readonly ref?: number;
  /** The page; default: a page of the granter that has no use yet. */
  readonly frame?: Mfn;
  readonly readonly?: boolean;
  /** v2 only: bytes of the page that may be copied. */
  readonly subPage?: { readonly offset: number; readonly length: number };
  /** v2 only: a grant that the granter has from another domain (F7.7). */
  readonly transitive?: { readonly domid: number; readonly ref: number };
}

/** Writes a shared entry and returns its reference. */
export const offerGrant = (draft: HostDraft, granter: number, offer: GrantOffer): number => {
  const d = domainAt(draft, granter);
  const ref = offer.ref ?? d.nextRef;
  if (ref >= GNTTAB_NR_RESERVED_ENTRIES) d.nextRef = Math.max(d.nextRef, ref + 1);
  const page = offer.frame ?? (offer.transitive === undefined ? takePage(d) : mfn(0));
  const frame = d.domain.type === 'pv' ? page : (draft.hardware.m2p.entries[page] as number);
  const readonly = offer.readonly === true ? GTF.readonly : 0;
  if (d.domain.grants.version === 1) {
    if (offer.subPage !== undefined || offer.transitive !== undefined)
      throw new BuildError('sub-page and transitive grants need a v2 table');
    writeV1(draft, d, ref, { flags: GTF.permit_access | readonly, domid: offer.to, frame });
    return ref;
  }
  const type = offer.transitive === undefined ? GTF.permit_access : GTF.transitive;
  const subPage = offer.subPage === undefined ? 0 : GTF.sub_page;
  writeV2(draft, d, ref, {
    flags: type | readonly | subPage,
    domid: offer.to,
    frame: offer.transitive === undefined ? frame : 0,
    subPage: offer.subPage === undefined ? null : { ...offer.subPage },
    transitive: offer.transitive === undefined ? null : { ...offer.transitive },
  });
  return ref;
};

export interface GrantMap {
  readonly granter: number;
  readonly ref: number;
  readonly host?: boolean;
  readonly device?: boolean;
  /** Default: as the offer says. */
  readonly readonly?: boolean;
  readonly vcpu?: number;
}

/** The lowest free handle of a vCPU; a page of handles more if it has none (F7.4). */
const takeHandle = (d: DomainDraft, vcpu: number): number => {
  const { grants } = d.domain;
  const free = grants.maptrackFree[vcpu];
  if (free === undefined) throw new BuildError(`no d${d.domain.domid}v${vcpu}`);
  if (free.length === 0) {
    for (let i = 0; i < MAPTRACK_PER_PAGE; i++) free.push(grants.maptrackLimit + i);
    grants.maptrackLimit += MAPTRACK_PER_PAGE;
  }
  return free.shift() as number;
};

const activate = (draft: HostDraft, granter: DomainDraft, ref: number): Draft<ActiveGrant> => {
  const { active } = granter.domain.grants;
  const entry = entryAt(draft, granter, ref);
  const frame = granter.domain.type === 'pv' ? mfn(entry.frame) : granter.pages[entry.frame];
  if (frame === undefined) throw new BuildError(`grant ${ref} names no page of its granter`);
  const found = active[ref] ?? {
    pins: { ...noPins },
    domid: domid(entry.domid),
    frame,
    transitive: null,
    start: 0,
    length: PAGE_SIZE,
  };
  active[ref] = found;
  return found;
};

/**
 * GNTTABOP_map_grant_ref: pins, status bits, maptrack entry, and the mapping
 * itself: an L1 entry of a PV mapper, a P2M entry of a translated one.
 * Returns the handle.
 */
export const mapGrant = (draft: HostDraft, mapper: number, map: GrantMap): number => {
  const d = domainAt(draft, mapper);
  const granter = domainAt(draft, map.granter);
  const entry = entryAt(draft, granter, map.ref);
  if (entry.domid !== mapper) throw new BuildError(`grant ${map.ref} is not for d${mapper}`);
  const readonly = map.readonly ?? (entry.flags & GTF.readonly) !== 0;
  const host = map.host ?? map.device !== true;
  const device = map.device ?? false;
  const active = activate(draft, granter, map.ref);
  if (host) active.pins[readonly ? 'hstr' : 'hstw']++;
  if (device) active.pins[readonly ? 'devr' : 'devw']++;
  setStatus(draft, granter, map.ref, GTF.reading | (readonly ? 0 : GTF.writing));
  if (host) mapGranted(draft, d, active.frame, readonly);
  const vcpu = map.vcpu ?? 0;
  const handle = takeHandle(d, vcpu);
  d.domain.grants.maptrack[handle] = {
    granter: domid(map.granter),
    ref: grantRef(map.ref),
    flags:
      (host ? GNTMAP.host_map : 0) |
      (device ? GNTMAP.device_map : 0) |
      (readonly ? GNTMAP.readonly : 0),
    vcpu,
  };
  return handle;
};

const mapGranted = (draft: HostDraft, d: DomainDraft, frame: Mfn, readonly: boolean): void => {
  if (d.domain.type === 'pv') mapFrame(draft, d, frame, { rw: !readonly, grant: true });
  else
    mapGfn(draft, d, d.nextGfn++, frame, readonly ? P2M_TYPE.grant_map_ro : P2M_TYPE.grant_map_rw);
};
