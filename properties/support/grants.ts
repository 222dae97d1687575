/** What maptrack entries make of the grants that they map (F7.3 to F7.5). */
import { numericEntries } from '../../src/host/codec.ts';
import {
  GNTMAP,
  GRANT_STATUS_PER_PAGE,
  GRANT_V1_PER_PAGE,
  GRANT_V2_PER_PAGE,
  GTF,
} from '../../src/host/constants.ts';
import type { Domain } from '../../src/host/domain.ts';
import { noPins, type PinCounts } from '../../src/host/grant-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import type { Host } from '../../src/host/host.ts';
import { domainsOf } from './walk.ts';

/** Pins of one handle: one for its host map, one for its device map (F7.5). */
const pinsOfFlags = (flags: number): PinCounts => {
  const readonly = (flags & GNTMAP.readonly) !== 0;
  const host = (flags & GNTMAP.host_map) !== 0 ? 1 : 0;
  const device = (flags & GNTMAP.device_map) !== 0 ? 1 : 0;
  return readonly
    ? { ...noPins, hstr: host, devr: device }
    : { ...noPins, hstw: host, devw: device };
};

const sum = (a: PinCounts, b: PinCounts): PinCounts => ({
  hstw: a.hstw + b.hstw,
  hstr: a.hstr + b.hstr,
  devw: a.devw + b.devw,
  devr: a.devr + b.devr,
});

/** By granter and reference: the pins that all handles of all domains make. */
export const pinsByGrant = (host: Host): ReadonlyMap<number, ReadonlyMap<number, PinCounts>> => {
  const all = new Map<number, Map<number, PinCounts>>();
  for (const d of domainsOf(host))
    for (const [, map] of numericEntries(d.grants.maptrack)) {
      const own = all.get(map.granter) ?? new Map<number, PinCounts>();
      all.set(map.granter, own);
      own.set(map.ref, sum(own.get(map.ref) ?? noPins, pinsOfFlags(map.flags)));
    }
  return all;
};

export const samePins = (a: PinCounts, b: PinCounts): boolean =>
  a.hstw === b.hstw && a.hstr === b.hstr && a.devw === b.devw && a.devr === b.devr;

/** "hstw 1, devr 2"; "none". */
export const describePins = (p: PinCounts): string =>
  (['hstw', 'hstr', 'devw', 'devr'] as const)
    .filter((k) => p[k] > 0)
    .map((k) => `${k} ${p[k]}`)
    .join(', ') || 'none';

/** Reading and writing bits of a grant, where the guest sees them (F7.2). */
export interface GrantStatus {
  readonly reading: boolean;
  readonly writing: boolean;
}

const statusOf = (bits: number): GrantStatus => ({
  reading: (bits & GTF.reading) !== 0,
  writing: (bits & GTF.writing) !== 0,
});

/** In the other kinds of entry the same bits mean something else, or nothing (F7.2). */
const hasStatus = (flags: number): boolean => {
  const type = flags & GTF.type_mask;
  return type === GTF.permit_access || type === GTF.transitive;
};

/**
 * The status of every reference of a domain that has an entry, by reference.
 * Empty for a domain whose grant frames are gone, as a dead one's are.
 */
export const grantStatus = (host: Host, d: Domain): ReadonlyMap<number, GrantStatus> => {
  const all = new Map<number, GrantStatus>();
  d.grants.frames.forEach((frame, page) => {
    const v1 = contentOf(host.hardware, frame, 'grant-v1');
    if (v1 !== null)
      for (const [slot, entry] of numericEntries(v1.entries))
        if (hasStatus(entry.flags)) all.set(page * GRANT_V1_PER_PAGE + slot, statusOf(entry.flags));
    const v2 = contentOf(host.hardware, frame, 'grant-v2');
    if (v2 !== null)
      for (const [slot, entry] of numericEntries(v2.entries))
        if (hasStatus(entry.flags)) {
          const ref = page * GRANT_V2_PER_PAGE + slot;
          all.set(ref, statusOf(statusWord(host, d, ref)));
        }
  });
  return all;
};

const statusWord = (host: Host, d: Domain, ref: number): number => {
  const frame = d.grants.statusFrames[Math.floor(ref / GRANT_STATUS_PER_PAGE)];
  if (frame === undefined) return 0;
  const page = contentOf(host.hardware, frame, 'grant-status');
  return page?.words[ref % GRANT_STATUS_PER_PAGE] ?? 0;
};
