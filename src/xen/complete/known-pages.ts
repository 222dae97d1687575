/** Frames whose owner the dump shows: listed pages, and frames of mapped grants. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { contains, type FrameRange } from '../../host/ranges.ts';
import type { GrantReading } from '../capture/reading.ts';
import type { DomainFacts, ListedPage } from './domain-facts.ts';
import { type CompletionError, completionError } from './errors.ts';
import { hex, type Notes } from './notes.ts';

export type KnownKind = 'page' | 'xenheap' | 'extra';

export interface KnownPage {
  readonly owner: number;
  readonly kind: KnownKind;
  /** The line that shows it, null: only grants do. */
  readonly line: ListedPage | null;
}

/** Owner of each known frame, and the grants whose frame can be the granter's. */
export interface KnownPages {
  /** The domains, each with the listed pages that are its own: every frame once. */
  readonly domains: readonly DomainFacts[];
  readonly pages: ReadonlyMap<number, KnownPage>;
  /** By granter. */
  readonly grants: ReadonlyMap<number, readonly GrantReading[]>;
}

interface Claims {
  readonly pages: Map<number, KnownPage>;
  readonly errors: CompletionError[];
}

const claimListed = (facts: DomainFacts, limit: number, notes: Notes, claims: Claims): void => {
  const lists: [KnownKind, DomainFacts['domPages']][] = [
    ['xenheap', facts.xenPages],
    ['extra', facts.extraPages],
    ['page', facts.domPages],
  ];
  for (const [kind, list] of lists)
    for (const line of list) {
      const { mfn, reading } = line;
      if (mfn >= limit) {
        claims.errors.push(
          completionError(
            'too-large',
            `page ${hex(mfn)} of domain ${facts.domid} lies beyond frame ${hex(limit)}`,
            'hosts of this size need a higher frame limit',
            reading,
          ),
        );
        continue;
      }
      const before = claims.pages.get(mfn);
      if (before === undefined && mfn > 0)
        claims.pages.set(mfn, { owner: facts.domid, kind, line });
      else
        notes.contradict(
          'page-twice',
          facts.domid,
          `page ${hex(mfn)} of d${facts.domid} is ${mfn === 0 ? 'frame 0' : `also d${before?.owner}'s`}`,
          { at: [reading] },
        );
    }
};

/** Why a grant of the dump cannot be part of a host, or null. */
const unusable = (
  grant: GrantReading,
  granter: DomainFacts,
  known: ReadonlyMap<number, KnownPage>,
  domains: ReadonlyMap<number, DomainFacts>,
  isRam: (frame: number) => boolean,
): string | null => {
  const perPage = granter.grants?.version === 2 ? 256 : 512;
  const grantee = domains.get(grant.grantee);
  if (grantee === undefined) return `its grantee d${grant.grantee} is not in key q`;
  // Dying ends with no mapping left (F7.10).
  if (grantee.dying === 'dead') return `its grantee d${grant.grantee} is dead`;
  if (grant.pin === 0) return 'it has no pin';
  if (grant.ref >= (granter.grants?.frames ?? 0) * perPage)
    return `the table has ${granter.grants?.frames ?? 0} frames`;
  if (grant.mfn === 0 || !isRam(grant.mfn)) return `frame ${hex(grant.mfn)} is no RAM`;
  const owner = known.get(grant.mfn)?.owner ?? granter.domid;
  return owner === granter.domid ? null : `frame ${hex(grant.mfn)} is d${owner}'s`;
};

const withOwnPages = (d: DomainFacts, known: ReadonlyMap<number, KnownPage>): DomainFacts => {
  const own = (list: readonly ListedPage[]): ListedPage[] =>
    list.filter((page) => known.get(page.mfn)?.line === page);
  const domPages = own(d.domPages);
  const { domPagesOmitted, nrPages } = d.reading;
  return {
    ...d,
    domPages,
    xenPages: own(d.xenPages),
    extraPages: own(d.extraPages),
    allListed: !domPagesOmitted && domPages.length >= nrPages,
  };
};

/**
 * Claims listed pages first, then the frames of grants. `ram` null: the map
 * is not shown, every frame below `limit` may be RAM. A grant that contradicts
 * what is claimed already is left out and listed.
 */
export const knownPages = (
  domains: readonly DomainFacts[],
  ram: readonly FrameRange[] | null,
  limit: number,
  notes: Notes,
): Either<CompletionError[], KnownPages> => {
  const claims: Claims = { pages: new Map(), errors: [] };
  for (const d of domains) claimListed(d, limit, notes, claims);
  if (claims.errors.length > 0) return left(claims.errors);
  const byDomid = new Map(domains.map((d) => [d.domid, d]));
  const isRam = (f: number): boolean => f < limit && (ram === null || contains(ram, f));
  const grants = new Map<number, GrantReading[]>();
  for (const d of domains) {
    const kept: GrantReading[] = [];
    const refs = new Set<number>();
    for (const grant of d.grants?.entries ?? []) {
      const why = refs.has(grant.ref)
        ? 'it is listed twice'
        : unusable(grant, d, claims.pages, byDomid, isRam);
      if (why !== null) {
        notes.contradict(
          'grant-left-out',
          d.domid,
          `d${d.domid} grant ${hex(grant.ref)} is left out: ${why}`,
          { at: [grant] },
        );
        continue;
      }
      refs.add(grant.ref);
      kept.push(grant);
      if (!claims.pages.has(grant.mfn))
        claims.pages.set(grant.mfn, { owner: d.domid, kind: 'page', line: null });
    }
    grants.set(d.domid, kept);
  }
  return right({
    domains: domains.map((d) => withOwnPages(d, claims.pages)),
    pages: claims.pages,
    grants,
  });
};
