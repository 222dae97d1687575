/** What a reading says of one domain, gathered from its dumps and companions. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { PageInfoLayout } from '../../design/versions.ts';
import { DOMID_FIRST_RESERVED } from '../../host/constants.ts';
import type { DomainType } from '../../host/domain.ts';
import type {
  CompanionDomain,
  DomainReading,
  EventChannelsReading,
  GrantTableReading,
  PageReading,
  Reading,
} from '../capture/reading.ts';
import { type GuestImage, guestKind } from '../migration/guest-image.ts';
import { type CompletionError, completionError } from './errors.ts';
import type { GivenGuest } from './guests.ts';
import type { Notes } from './notes.ts';
import { type CountWord, decodeCount, decodeType, type TypeWord } from './page-words.ts';

/** A listed page and its words, decoded. */
export interface ListedPage {
  readonly mfn: number;
  readonly caf: CountWord;
  readonly taf: TypeWord;
  readonly reading: PageReading;
}

export interface DomainFacts {
  readonly domid: number;
  readonly reading: DomainReading;
  readonly type: DomainType;
  readonly dying: 'alive' | 'dying' | 'dead';
  readonly companion: CompanionDomain | undefined;
  readonly grants: GrantTableReading | undefined;
  readonly channels: EventChannelsReading | undefined;
  /** Listed pages: all lines at first, then those of frames that are the domain's (`known-pages`). */
  readonly domPages: readonly ListedPage[];
  readonly xenPages: readonly ListedPage[];
  readonly extraPages: readonly ListedPage[];
  /** Every ordinary page is listed, with its counts. */
  readonly allListed: boolean;
  /** PV: the guest has mapped xenheap pages, so it ran. */
  readonly started: boolean;
  /** The guest itself, out of its save stream. */
  readonly guest: GuestImage | undefined;
}

const DYING = ['alive', 'dying', 'dead'] as const;

const typeOfDomain = (
  domain: DomainReading,
  companion: CompanionDomain | undefined,
  guest: GuestImage | undefined,
  notes: Notes,
): DomainType => {
  const translated =
    domain.paging?.some((flag) => flag === 'translate' || flag === 'external') ?? false;
  const told = companion?.type;
  if (told !== undefined && (told !== 'pv') !== translated)
    notes.contradict(
      'domain-type',
      domain.domid,
      `d${domain.domid}: key q shows ${translated ? 'a translated' : 'a PV'} domain, xl ${told}`,
      { at: [domain, ...(companion?.sources ?? [])] },
    );
  if (!translated) return 'pv';
  if (told === 'pvh' || told === 'hvm') return told;
  // Only a saved context tells PVH and HVM apart; a PV guest will not fit.
  if (guest?.type === 'hvm') return guestKind(guest);
  notes.assume('domain-type', 1, domain.domid);
  return 'pvh';
};

const listed = (domain: DomainReading, list: string, layout: PageInfoLayout): ListedPage[] =>
  domain.pages
    .filter((page) => page.list === list)
    .map((reading) => ({
      mfn: reading.mfn,
      caf: decodeCount(layout, reading.countInfo),
      taf: decodeType(layout, reading.typeInfo),
      reading,
    }));

const checkOne = (domain: DomainReading): CompletionError | null => {
  const { domid, vcpus } = domain;
  if (domid >= DOMID_FIRST_RESERVED)
    return completionError(
      'bad-domid',
      `domain ${domid}: no ordinary domain has this id (F2.5)`,
      'check that line of the dump',
      domain,
    );
  const odd = vcpus.find((v, i) => v.id !== i);
  return odd === undefined
    ? null
    : completionError(
        'bad-vcpus',
        `domain ${domid}: vCPU ${odd.id} is out of order`,
        'the dump must list vCPUs 0, 1, 2 ... of a domain once each',
        odd,
      );
};

/** The domains of a reading; errors: none at all, ids or vCPUs that no Xen has. `guests` by domid. */
export const domainFacts = (
  reading: Reading,
  layout: PageInfoLayout,
  guests: ReadonlyMap<number, GivenGuest>,
  notes: Notes,
): Either<CompletionError[], DomainFacts[]> => {
  if (reading.domains.length === 0)
    return left([
      completionError('no-domains', 'the dump lists no domain', 'dump the keys q, g and e again'),
    ]);
  const errors = reading.domains.flatMap((d) => checkOne(d) ?? []);
  const seen = new Set<number>();
  for (const d of reading.domains) {
    if (seen.has(d.domid))
      errors.push(
        completionError('bad-domid', `domain ${d.domid} is listed twice`, 'use one dump', d),
      );
    seen.add(d.domid);
  }
  if (errors.length > 0) return left(errors);
  const byDomid = <T extends { readonly domid: number }>(list: readonly T[]): Map<number, T> =>
    new Map(list.map((item) => [item.domid, item]));
  const companions = byDomid(reading.companions.domains);
  const channels = byDomid(reading.eventChannels);
  const grants = new Map(reading.grantTables.map((g) => [g.granter, g]));
  return right(
    reading.domains.map((domain): DomainFacts => {
      const { domid } = domain;
      const companion = companions.get(domid);
      const guest = guests.get(domid)?.guest;
      const domPages = listed(domain, 'DomPage', layout);
      const xenPages = listed(domain, 'XenPage', layout);
      return {
        domid,
        reading: domain,
        type: typeOfDomain(domain, companion, guest, notes),
        dying: DYING[domain.dying] ?? 'dead',
        companion,
        grants: grants.get(domid),
        channels: channels.get(domid),
        domPages,
        xenPages,
        extraPages: listed(domain, 'ExtraPage', layout),
        allListed: !domain.domPagesOmitted && domPages.length >= domain.nrPages,
        guest,
        started: xenPages.length === 0 || xenPages.some((page) => page.caf.count > 1),
      };
    }),
  );
};
