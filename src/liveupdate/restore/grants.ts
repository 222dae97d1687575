/**
 * Pass 2: what a domain has mapped. Each handle pins the granter's active
 * entry and takes references on the frame as a new map would (F7.5). Adding
 * commutes, so mappers may come in any order (R40).
 */
import { keeps } from '../../design/design.ts';
import { GNTMAP, GTF } from '../../host/constants.ts';
import type { Maptrack, PinCounts } from '../../host/grant-table.ts';
import {
  getPage,
  getPageType,
  type PromotionContext,
  type RefError,
} from '../../host/page-refs.ts';
import { PGT } from '../../host/page-type.ts';
import type { DomainSections } from '../../stream/records/registry.ts';
import type { Crash } from '../boot.ts';
import { crashOf, type RestoreDraft } from './draft.ts';

/** Pins that one handle holds: one for the host map, one for the device map (F7.3, F7.5). */
const pinsOf = (flags: number, both: boolean): PinCounts => {
  const ro = (flags & GNTMAP.readonly) !== 0;
  const host = (flags & GNTMAP.host_map) !== 0 ? 1 : 0;
  // Counting a handle once, whatever it maps, is the error of S52.
  const dev = (flags & GNTMAP.device_map) !== 0 && (both || host === 0) ? 1 : 0;
  return { hstw: ro ? 0 : host, hstr: ro ? host : 0, devw: ro ? 0 : dev, devr: ro ? dev : 0 };
};

const add = (a: PinCounts, b: PinCounts): PinCounts => ({
  hstw: a.hstw + b.hstw,
  hstr: a.hstr + b.hstr,
  devw: a.devw + b.devw,
  devr: a.devr + b.devr,
});

/** References of one handle on the frame: one general for each kind of map, types as F7.5 says. */
const takeReferences = (
  promotion: PromotionContext,
  frame: number,
  flags: number,
  hostTakesType: boolean,
): RefError | null => {
  const writable = (flags & GNTMAP.readonly) === 0;
  for (const [bit, typed] of [
    [GNTMAP.device_map, writable],
    [GNTMAP.host_map, writable && hostTakesType],
  ] as const) {
    if ((flags & bit) === 0) continue;
    const failed =
      getPage(promotion.frames, frame) ??
      (typed ? getPageType(promotion, frame, PGT.writable) : null);
    if (failed !== null) return failed;
  }
  return null;
};

const restoreHandle = (
  draft: RestoreDraft,
  promotion: PromotionContext,
  mapper: number,
  map: Maptrack,
): Crash | null => {
  const granter = draft.domain(map.granter);
  const entries = granter === undefined ? {} : draft.activeGrants(granter.domid);
  const active = entries[map.ref];
  if (granter === undefined || active === undefined) {
    // A handle that pins nothing: whoever unmaps it will be crashed (Q8, F7.6, S30).
    if (draft.design.policies.Q8 === 'tolerate') return null;
    return {
      what: `d${mapper}: maps d${map.granter} grant 0x${map.ref.toString(16)}, which is not active`,
      sources: ['I7.1', 'S30'],
    };
  }
  const byGranter = granter.domid === mapper || granter.type === 'pv';
  const hostTakesType = byGranter || !keeps(draft.design, 'F7.5.type');
  const failed = takeReferences(promotion, active.frame, map.flags, hostTakesType);
  if (failed !== null) return crashOf(mapper, failed, 'F7.5', 'section 11 rule 8');
  const pins = add(active.pins, pinsOf(map.flags, keeps(draft.design, 'F7.5.pins')));
  entries[map.ref] = { ...active, pins };
  return null;
};

/** Bits of a shared entry that say "in use"; a design without F7.2.status begins with none set. */
const IN_USE = GTF.reading | GTF.writing;

/** Grant frames stay as they are: their bits are what the granter waits on (F7.2). */
export const keepStatus = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  if (keeps(draft.design, 'F7.2.status')) return null;
  for (const { frame } of s.XENHEAP.pages) {
    const c = draft.contentAt(frame);
    if (c?.kind === 'grant-v1') {
      const entries = Object.entries(c.entries).map(
        ([slot, e]) => [slot, { ...e, flags: e.flags & ~IN_USE }] as const,
      );
      draft.setContent(frame, { ...c, entries: Object.fromEntries(entries) });
    }
    if (c?.kind === 'grant-status') draft.setContent(frame, { ...c, words: {} });
  }
  return null;
};

/** The maptrack of a domain, and what its handles hold. */
export const restoreMaptrack = (draft: RestoreDraft, s: DomainSections): Crash | null => {
  const id = s.DOMAIN.domid;
  const maptrack: Record<number, Maptrack> = {};
  const promotion = draft.promotion(s);
  for (const e of s.MAPTRACK.entries) {
    const map: Maptrack = { granter: e.granter, ref: e.ref, flags: e.flags, vcpu: e.vcpu };
    maptrack[e.handle] = map;
    const failed = restoreHandle(draft, promotion, id, map);
    if (failed !== null) return failed;
  }
  draft.update(id, (d) => ({
    grants: {
      ...d.grants,
      maptrack,
      maptrackLimit: s.MAPTRACK.limit,
      maptrackFree: s.MAPTRACK.free.map((list) =>
        keeps(draft.design, 'F7.4.free') ? [...list] : [],
      ),
    },
  }));
  return null;
};
