/**
 * Guests given beside a capture: which domains they are, and whether they can
 * be. A guest was saved at another moment than the dump was taken; what must
 * agree all the same is what does not change while a guest runs.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { VPF } from '../../host/constants.ts';
import type { Reading } from '../capture/reading.ts';
import { contradictionLines } from '../migration/contradiction-text.ts';
import { type GuestImage, guestKind } from '../migration/guest-image.ts';
import { pageIndex } from '../migration/page-list.ts';
import { hasPage } from '../migration/record-types.ts';
import { checkTables } from '../migration/table-check.ts';
import type { DomainFacts } from './domain-facts.ts';
import { type CompletionError, completionError } from './errors.ts';
import { hex } from './notes.ts';

/** A guest to be put in the place of a domain. */
export interface GivenGuest {
  /** The domain's name or domid (4 or d4). */
  readonly name: string;
  /** Where the guest comes from, for messages. */
  readonly source: string;
  readonly guest: GuestImage;
}

/** Entries of contradictory tables that are told. */
const TOLD = 5;
/** INVALID_M2P_ENTRY of the model is 32 bits. */
const PFN_LIMIT = 2 ** 32 - 1;

const misfit = (given: GivenGuest, what: string, hint: string): CompletionError =>
  completionError('guest-misfit', `guest ${given.name} ${what}`, hint, {
    file: given.source,
    line: undefined,
  });

/** Domids that a name can mean: of the domains so called, or of the one with this number, 4 or d4. */
const domidsOf = (reading: Reading, name: string): readonly number[] => {
  const named = reading.companions.domains.filter((c) => c.name === name).map((c) => c.domid);
  const numbered = /^d?\d{1,5}$/.test(name) ? [Number(name.replace('d', ''))] : [];
  const wanted = new Set(named.length > 0 ? named : numbered);
  return reading.domains.map((d) => d.domid).filter((id) => wanted.has(id));
};

/** The given guests by domid. Errors: a name that is none or several domains', a domain twice. */
export const guestsByDomid = (
  reading: Reading,
  given: readonly GivenGuest[],
): Either<CompletionError[], ReadonlyMap<number, GivenGuest>> => {
  const guests = new Map<number, GivenGuest>();
  const errors: CompletionError[] = [];
  const nameOf = (id: number): string =>
    reading.companions.domains.find((c) => c.domid === id)?.name ?? 'no name';
  const known = reading.domains.map((d) => `${d.domid} (${nameOf(d.domid)})`).join(', ');
  for (const one of given) {
    const [id, ...more] = domidsOf(reading, one.name);
    if (id === undefined) errors.push(misfit(one, 'is not in the capture', `there are ${known}`));
    else if (more.length > 0)
      errors.push(misfit(one, 'may be several domains', `give the domid: ${known}`));
    else if (guests.has(id)) errors.push(misfit(one, `is given twice for d${id}`, 'give one'));
    else guests.set(id, one);
  }
  return errors.length > 0 ? left(errors) : right(guests);
};

const kindMisfits = (d: DomainFacts, guest: GuestImage): string[] => {
  const kind = guestKind(guest);
  if (kind !== d.type) return [`is ${kind.toUpperCase()}, d${d.domid} is ${d.type.toUpperCase()}`];
  return guest.type === 'pv' && guest.width !== 8
    ? ['has 32-bit page tables, which the model does not have']
    : [];
};

const pageMisfits = (d: DomainFacts, guest: GuestImage): string[] => {
  const { pages } = guest;
  const present = pages.types.reduce((n, type) => n + (hasPage(type) ? 1 : 0), 0);
  const { nrPages } = d.reading;
  const found: string[] = [];
  if (present !== nrPages) found.push(`has ${present} pages, d${d.domid} has ${nrPages}`);
  const last = pages.pfns[pages.pfns.length - 1] ?? 0;
  if (last >= PFN_LIMIT) found.push(`has pfn ${hex(last)}, which is too high for the model`);
  return found;
};

const vcpuMisfits = (d: DomainFacts, guest: GuestImage): string[] => {
  const up = d.reading.vcpus.filter((v) => (v.pauseFlags & VPF.down) === 0).map((v) => v.id);
  const saved = guest.vcpus.map((v) => v.id);
  if (up.length === saved.length && up.every((id, i) => saved[i] === id)) return [];
  const list = (ids: readonly number[]): string => (ids.length === 0 ? 'none' : ids.join(' '));
  return [`has vCPUs ${list(saved)} up, d${d.domid} has ${list(up)}`];
};

/** Translated: a grant shows the gfn of its page. */
const grantMisfits = (d: DomainFacts, guest: GuestImage): string[] => {
  if (guest.type === 'pv') return [];
  const isThere = (gfn: number): boolean => {
    const index = pageIndex(guest.pages, gfn);
    return index >= 0 && hasPage(guest.pages.types[index] ?? 0);
  };
  return (d.grants?.entries ?? [])
    .filter((grant) => grant.pin !== 0 && !isThere(Number(grant.sharedFrame)))
    .slice(0, TOLD)
    .map((g) => `has no page at gfn ${hex(Number(g.sharedFrame))}, which d${d.domid} grants`);
};

const tableMisfits = (guest: GuestImage): string[] => {
  if (guest.type !== 'pv') return [];
  const { contradictions, contradictionCount } = checkTables(guest);
  const told = contradictions.slice(0, TOLD).map((c) => {
    const [where, what] = contradictionLines(c);
    return `has tables that contradict its types: ${where}${what.replace(/^ +/, ' ')}`;
  });
  const more = contradictionCount - told.length;
  return more > 0 ? [...told, `has ${more} more such entries`] : told;
};

const stateMisfits = (d: DomainFacts): string[] => {
  if (d.dying !== 'alive') return [`cannot be d${d.domid}, which is ${d.dying}`];
  return d.type === 'pv' && d.allListed
    ? [`cannot be d${d.domid}, whose pages are listed with their types: they would contradict it`]
    : [];
};

const HINT = 'give a stream that was saved of this very guest, not resized since';

/** Why the guests cannot be the domains that they are given for; empty: they can. */
export const guestMisfits = (
  domains: readonly DomainFacts[],
  guests: ReadonlyMap<number, GivenGuest>,
): CompletionError[] =>
  domains.flatMap((d) => {
    const given = guests.get(d.domid);
    if (given === undefined) return [];
    const { guest } = given;
    const basic = [...stateMisfits(d), ...kindMisfits(d, guest)];
    const reasons =
      basic.length > 0
        ? basic
        : [
            ...pageMisfits(d, guest),
            ...vcpuMisfits(d, guest),
            ...grantMisfits(d, guest),
            ...tableMisfits(guest),
          ];
    const last = reasons.length - 1;
    return reasons.map((what, i) => misfit(given, what, i === last ? HINT : ''));
  });
