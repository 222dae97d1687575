/** Grants offered and mapped, in every way that there is (F7.5). */
import { mapGrant, offerGrant } from '../../../../src/host/build/grants.ts';
import { GNTMAP, GRANT_V1_PER_PAGE, GRANT_V2_PER_PAGE } from '../../../../src/host/constants.ts';
import { domid, grantRef } from '../../../../src/host/ids.ts';
import { type PartKind, pick, room, type Site, v2Only } from './kind.ts';

/** Maps of one grant: each is a handle of the grantee. */
const MAPS = [
  [],
  [{ host: true }],
  [{ host: true, device: true }],
  [{ device: true }],
  [{ host: true }, { host: true }],
  [{ host: true, readonly: true }],
  [{ host: true }, { host: true, readonly: true }],
  [
    { device: true, readonly: true },
    { host: true, device: true },
  ],
  [{ host: true, device: true, readonly: true }, { device: true }],
] as const;

/** A reference far up in the table: more pages of entries, and with v2 of status words. */
const farRef = ({ at, n: [, form, where] }: Site): { ref?: number } => {
  const { version, maxFrames } = at.domain.grants;
  if (form % 5 !== 4) return {};
  const ref = version === 1 ? 512 + (where % 700) : 256 + 4 * where;
  const frames = Math.floor(ref / (version === 1 ? GRANT_V1_PER_PAGE : GRANT_V2_PER_PAGE)) + 1;
  return ref >= at.nextRef && frames <= maxFrames ? { ref } : {};
};

/** The granter writes another page into the entry while it is mapped: the pins stay (F7.3). */
const renew = ({ draft, at, n: [, , where] }: Site, ref: number): void => {
  const { version, frames } = at.domain.grants;
  const perPage = version === 1 ? GRANT_V1_PER_PAGE : GRANT_V2_PER_PAGE;
  const page = draft.hardware.content[frames[Math.floor(ref / perPage)] ?? -1];
  if (page?.kind !== 'grant-v1' && page?.kind !== 'grant-v2') return;
  const entry = page.entries[ref % perPage];
  const other = at.pages[where % at.pages.length] as number;
  const frame = at.domain.type === 'pv' ? other : (draft.hardware.m2p.entries[other] as number);
  if (entry !== undefined) Object.assign(entry, { frame });
};

/** How a PV guest asked for the mapping: in the kernel, for a program, by the address of an entry. */
const HOW_MAPPED = [0, 0, GNTMAP.application_map, GNTMAP.contains_pte, 0] as const;

/** Frames of the table that were not taken in their order: the first one is the highest. */
const turnFrames = ({ draft, at }: Site): void => {
  const { grants } = at.domain;
  const { content } = draft.hardware;
  for (const frames of [grants.frames, grants.statusFrames]) {
    const held = frames.map((f) => content[f]);
    frames.reverse();
    frames.forEach((f, i) => {
      const page = held[i];
      if (page !== undefined) content[f] = page;
    });
  }
};

const grant = (site: Site): void => {
  const { draft, at, other, n } = site;
  const [how, form, where] = n;
  // A grant of the domain to itself, or to another one.
  const [granter, mapper] = [at.domain.domid, other.domain.domid];
  if (room(at) < 1 || room(other) < 2) return;
  const readonly = form % 3 === 1;
  const ref = offerGrant(draft, granter, { to: mapper, readonly, ...farRef(site) });
  for (const map of pick(MAPS, how)) {
    const handle = mapGrant(draft, mapper, {
      granter,
      ref,
      ...map,
      ...(readonly ? { readonly: true } : {}),
      vcpu: where % other.domain.vcpus.length,
    });
    const made = other.domain.grants.maptrack[handle];
    if (made !== undefined && other.domain.type === 'pv') made.flags |= pick(HOW_MAPPED, where);
  }
  if (form % 5 === 4 && where % 2 === 1) turnFrames(site);
  if (form % 7 === 6) renew(site, ref);
};

/**
 * Sub-page and transitive grants exist in v2 tables only (F7.1). Xen pins
 * them for the time of a copy alone (F7.7), but the stream has a place for
 * what an active entry says of them, so some are pinned here.
 */
const special = ({ draft, at, other, n }: Site): void => {
  if (at.domain.grants.version !== 2 || room(at) < 1 || room(other) < 2) return;
  const [granter, to] = [at.domain.domid, other.domain.domid];
  const transitive = { domid: to, ref: 8 + (n[1] % 8) };
  const subPage = { offset: 64 * (n[1] % 8), length: 64 + (n[2] % 512) };
  const isTransitive = n[0] % 2 === 1;
  const ref = offerGrant(draft, granter, { to, ...(isTransitive ? { transitive } : { subPage }) });
  if (isTransitive || n[0] % 4 !== 2) return;
  mapGrant(draft, to, { granter, ref, readonly: n[2] % 2 === 0 });
  const active = at.domain.grants.active[ref];
  if (active === undefined) return;
  Object.assign(active, { start: subPage.offset, length: subPage.length });
  if (n[1] % 2 === 1) active.transitive = { domid: domid(granter), ref: grantRef(transitive.ref) };
};

export const grantParts: readonly PartKind[] = [
  {
    id: 'grant',
    says: 'a grant, and the maps of its grantee',
    sources: ['F7.1', 'F7.5', 'S52', 'S55'],
    weight: 30,
    build: grant,
  },
  {
    id: 'grant-v2',
    says: 'a sub-page or transitive offer of a v2 table',
    sources: ['F7.1', 'F7.7'],
    weight: 4,
    fits: v2Only,
    build: special,
  },
];
