/** The grant table of a domain: active entries, shared entries, status words (F7.1 to F7.3). */
import {
  GRANT_STATUS_PER_PAGE,
  GRANT_V1_PER_PAGE,
  GRANT_V2_PER_PAGE,
  GTF,
  PAGE_SIZE,
} from '../../host/constants.ts';
import type { GrantEntryV1, GrantEntryV2 } from '../../host/content.ts';
import {
  type ActiveGrant,
  type GrantTable,
  type PinCounts,
  pinsOfWord,
} from '../../host/grant-table.ts';
import { domid, mfn } from '../../host/ids.ts';
import type { GrantReading } from '../capture/reading.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { Mappings } from './maptrack.ts';
import { hex } from './notes.ts';
import type { Workbench } from './workbench.ts';
import { grantVersionOf, type XenPages } from './xen-pages.ts';

const STATUS = GTF.reading | GTF.writing;

/** The status bits that the pins ask for (I7.3). */
const statusOf = (pins: PinCounts): number =>
  GTF.reading | (pins.hstw + pins.devw > 0 ? GTF.writing : 0);

/**
 * The shown flags with the bits that a mapped grant must have. A row that
 * lacks them was taken while a map or unmap was under way.
 */
const flagsOf = (w: Workbench, granter: number, grant: GrantReading, pins: PinCounts): number => {
  const type = (grant.status & GTF.type_mask) === GTF.permit_access ? 0 : GTF.type_mask;
  const flags =
    (grant.status & ~(STATUS | type)) | statusOf(pins) | (type === 0 ? 0 : GTF.permit_access);
  if (flags !== grant.status)
    w.notes.contradict(
      'grant-flags',
      granter,
      `d${granter} grant ${hex(grant.ref)} shows flags ${hex(grant.status)}, has ${hex(flags)}`,
      { shown: grant.status, have: flags, at: [grant] },
    );
  return flags;
};

const sharedFrame = (grant: GrantReading): number =>
  grant.sharedFrame > BigInt(Number.MAX_SAFE_INTEGER)
    ? Number.MAX_SAFE_INTEGER
    : Number(grant.sharedFrame);

const writeV1 = (
  w: Workbench,
  d: DomainFacts,
  xen: XenPages,
  grant: GrantReading,
  pins: PinCounts,
): void => {
  const frame = xen.grantFrames[Math.floor(grant.ref / GRANT_V1_PER_PAGE)];
  const page = frame === undefined ? undefined : w.content[frame];
  if (page?.kind !== 'grant-v1') return;
  const entries = page.entries as Record<number, GrantEntryV1>;
  entries[grant.ref % GRANT_V1_PER_PAGE] = {
    flags: flagsOf(w, d.domid, grant, pins),
    domid: grant.sharedGrantee,
    frame: sharedFrame(grant),
  };
};

const writeV2 = (
  w: Workbench,
  d: DomainFacts,
  xen: XenPages,
  grant: GrantReading,
  pins: PinCounts,
): void => {
  const frame = xen.grantFrames[Math.floor(grant.ref / GRANT_V2_PER_PAGE)];
  const page = frame === undefined ? undefined : w.content[frame];
  const statusFrame = xen.statusFrames[Math.floor(grant.ref / GRANT_STATUS_PER_PAGE)];
  const status = statusFrame === undefined ? undefined : w.content[statusFrame];
  if (page?.kind !== 'grant-v2' || status?.kind !== 'grant-status') return;
  const writable = pins.hstw + pins.devw > 0;
  const entries = page.entries as Record<number, GrantEntryV2>;
  entries[grant.ref % GRANT_V2_PER_PAGE] = {
    flags: GTF.permit_access | (writable ? 0 : GTF.readonly),
    domid: grant.sharedGrantee,
    frame: sharedFrame(grant),
    subPage: null,
    transitive: null,
  };
  const words = status.words as Record<number, number>;
  words[grant.ref % GRANT_STATUS_PER_PAGE] = statusOf(pins);
  w.notes.assume('grant-status', 1, d.domid);
  if ((grant.status & STATUS) !== statusOf(pins))
    w.notes.contradict(
      'grant-flags',
      d.domid,
      `d${d.domid} grant ${hex(grant.ref)} shows status ${hex(grant.status)}, has ${hex(statusOf(pins))}`,
      { shown: grant.status, have: statusOf(pins), at: [grant] },
    );
};

/** The table of one domain; its shared entries go into the grant frames. */
export const grantTableOf = (
  w: Workbench,
  d: DomainFacts,
  xen: XenPages,
  mappings: Mappings,
): GrantTable => {
  const version = grantVersionOf(d);
  const active: Record<number, ActiveGrant> = {};
  for (const grant of w.known.grants.get(d.domid) ?? []) {
    const pins = pinsOfWord(grant.pin);
    active[grant.ref] = {
      pins,
      domid: domid(grant.grantee),
      frame: mfn(grant.mfn),
      transitive: null,
      start: 0,
      length: PAGE_SIZE,
    };
    if (version === 1) writeV1(w, d, xen, grant, pins);
    else writeV2(w, d, xen, grant, pins);
  }
  w.notes.assume('grant-entries', xen.grantFrames.length, d.domid);
  return {
    version,
    frames: xen.grantFrames,
    statusFrames: xen.statusFrames,
    maxFrames: d.grants?.maxFrames ?? Math.max(1, xen.grantFrames.length),
    maxMaptrackFrames: d.grants?.maxMaptrackFrames ?? 1024,
    active,
    maptrack: mappings.maptrack,
    maptrackLimit: mappings.limit,
    maptrackFree: Array.from({ length: Math.max(1, d.reading.vcpus.length) }, (_, v) =>
      v === 0 ? mappings.free : [],
    ),
  };
};
