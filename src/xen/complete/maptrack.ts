/** Maptrack entries of the grantees: one handle for each pin (F7.4, F7.5). */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { GNTMAP, MAPTRACK_PER_PAGE } from '../../host/constants.ts';
import { type Maptrack, type PinCounts, pinsOfWord } from '../../host/grant-table.ts';
import { domid, grantRef } from '../../host/ids.ts';
import type { Place } from '../capture/reading.ts';
import type { DomainFacts } from './domain-facts.ts';
import { type CompletionError, completionError } from './errors.ts';
import type { KnownPages } from './known-pages.ts';
import type { Notes } from './notes.ts';

/** A grant that a domain has mapped where its own page tables or P2M show it. */
export interface HostMap {
  readonly frame: number;
  readonly writable: boolean;
}

/** What a domain has mapped of others. */
export interface Mappings {
  readonly maptrack: Readonly<Record<number, Maptrack>>;
  /** Handles that exist. */
  readonly limit: number;
  /** Handles that are free, lowest first. */
  readonly free: readonly number[];
  readonly hostMaps: readonly HostMap[];
}

/** Handles of a host, mapped and free: 8 bytes of Xen's memory each. */
const HANDLES_MAX = 2 ** 22;

/** Flags of the handles that make up the pins: a host and a device pin of a kind share one. */
const flagsOfPins = (pins: PinCounts): number[] => {
  const kind = (host: number, device: number, readonly: number): number[] =>
    Array.from(
      { length: Math.max(host, device) },
      (_, i) => (i < host ? GNTMAP.host_map : 0) | (i < device ? GNTMAP.device_map : 0) | readonly,
    );
  return [...kind(pins.hstw, pins.devw, 0), ...kind(pins.hstr, pins.devr, GNTMAP.readonly)];
};

interface Draft {
  readonly maptrack: Record<number, Maptrack>;
  readonly hostMaps: HostMap[];
  next: number;
}

const freeHandles = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

const finish = (d: DomainFacts, draft: Draft, notes: Notes): Mappings => {
  const shown = (d.grants?.maptrackFrames ?? 0) * MAPTRACK_PER_PAGE;
  const needed = Math.ceil(draft.next / MAPTRACK_PER_PAGE) * MAPTRACK_PER_PAGE;
  if (needed > shown)
    notes.contradict(
      'maptrack-frames',
      d.domid,
      `d${d.domid} has ${draft.next} grants mapped, its maptrack room for ${shown}`,
      {
        shown: shown / MAPTRACK_PER_PAGE,
        have: needed / MAPTRACK_PER_PAGE,
        at: d.grants === undefined ? [] : [d.grants],
      },
    );
  const limit = Math.max(shown, needed);
  notes.assume('maptrack-handles', draft.next, d.domid);
  notes.assume('maptrack-vcpu', limit - draft.next, d.domid);
  return {
    maptrack: draft.maptrack,
    limit,
    free: freeHandles(draft.next, limit),
    hostMaps: draft.hostMaps,
  };
};

/** The mappings of every domain; the error: more than memory could hold handles for. */
export const mappingsOf = (
  domains: readonly DomainFacts[],
  known: KnownPages,
  notes: Notes,
): Either<CompletionError, ReadonlyMap<number, Mappings>> => {
  const drafts = new Map(
    domains.map((d): [number, Draft] => [d.domid, { maptrack: {}, hostMaps: [], next: 0 }]),
  );
  const tooMany = (grantee: DomainFacts, place: Place | undefined): CompletionError =>
    completionError(
      'too-many-mappings',
      `domain ${grantee.domid}: the host would have more than ${HANDLES_MAX} maptrack handles`,
      'check the pins and maptrack frames of the grant dump',
      place ?? null,
    );
  let handles = 0;
  for (const d of domains) {
    handles += (d.grants?.maptrackFrames ?? 0) * MAPTRACK_PER_PAGE;
    if (handles > HANDLES_MAX) return left(tooMany(d, d.grants));
  }
  handles = 0;
  for (const granter of domains)
    for (const grant of known.grants.get(granter.domid) ?? []) {
      const draft = drafts.get(grant.grantee);
      if (draft === undefined) continue;
      for (const flags of flagsOfPins(pinsOfWord(grant.pin))) {
        if (++handles > HANDLES_MAX) return left(tooMany(granter, grant));
        draft.maptrack[draft.next++] = {
          granter: domid(granter.domid),
          ref: grantRef(grant.ref),
          flags,
          vcpu: 0,
        };
        if ((flags & GNTMAP.host_map) !== 0)
          draft.hostMaps.push({ frame: grant.mfn, writable: (flags & GNTMAP.readonly) === 0 });
      }
    }
  return right(
    new Map(domains.map((d) => [d.domid, finish(d, drafts.get(d.domid) as Draft, notes)])),
  );
};
