/**
 * A domain's grant table as Xen keeps it (F7.1 to F7.4). Shared entries and
 * status words are memory (`content.ts`), in the frames named here.
 */
import * as t from 'io-ts';
import { byNumber, Natural, nullable } from './codec.ts';
import { Domid, GrantRef, Mfn } from './ids.ts';

/** The four 8-bit pin counters of an active entry (F7.3). */
export const PinCounts = t.readonly(
  t.type({ hstw: Natural, hstr: Natural, devw: Natural, devr: Natural }),
  'PinCounts',
);
export type PinCounts = t.TypeOf<typeof PinCounts>;
export const noPins: PinCounts = { hstw: 0, hstr: 0, devw: 0, devr: 0 };
export const pinTotal = (p: PinCounts): number => p.hstw + p.hstr + p.devw + p.devr;
/** GNTPIN word: hstw in bits 0-7, hstr 8-15, devw 16-23, devr 24-31. */
export const pinWord = (p: PinCounts): number =>
  (p.hstw | (p.hstr << 8) | (p.devw << 16) | (p.devr << 24)) >>> 0;
export const pinsOfWord = (w: number): PinCounts => ({
  hstw: w & 0xff,
  hstr: (w >>> 8) & 0xff,
  devw: (w >>> 16) & 0xff,
  devr: (w >>> 24) & 0xff,
});

/** active_grant_entry: exists while a grant is pinned (F7.3). The frame is the one of the first pin. */
export const ActiveGrant = t.readonly(
  t.type({
    pins: PinCounts,
    /** The grantee, the only domain that may map it. */
    domid: Domid,
    frame: Mfn,
    /** Source domain and reference of a transitive grant (F7.7), null: plain. */
    transitive: nullable(t.readonly(t.type({ domid: Domid, ref: GrantRef }))),
    /** Sub-page grants: first byte and length; a whole page is 0, 4096. */
    start: Natural,
    length: Natural,
  }),
  'ActiveGrant',
);
export type ActiveGrant = t.TypeOf<typeof ActiveGrant>;

/** A maptrack entry of the mapping domain (F7.4); flags are GNTMAP bits 0-4. */
export const Maptrack = t.readonly(
  t.type({ granter: Domid, ref: GrantRef, flags: Natural, vcpu: Natural }),
  'Maptrack',
);
export type Maptrack = t.TypeOf<typeof Maptrack>;

export const GrantTable = t.readonly(
  t.type({
    version: t.union([t.literal(1), t.literal(2)]),
    frames: t.readonlyArray(Mfn),
    statusFrames: t.readonlyArray(Mfn),
    maxFrames: Natural,
    maxMaptrackFrames: Natural,
    active: byNumber(ActiveGrant),
    maptrack: byNumber(Maptrack),
    /** Handles that exist: 0 .. maptrackLimit - 1. */
    maptrackLimit: Natural,
    /** Free handles of each vCPU, first to be used first. */
    maptrackFree: t.readonlyArray(t.readonlyArray(Natural)),
  }),
  'GrantTable',
);
export type GrantTable = t.TypeOf<typeof GrantTable>;
