/** What a kind of part is: how it gets into a host that is being built, or that runs already. */
import type { DomainDraft, HostDraft } from '../../../../src/host/build/draft.ts';
import type { Host } from '../../../../src/host/host.ts';
import type { HostEvent } from '../../../../src/hypercalls/events.ts';
import type { DomainPlan, Part } from '../plan.ts';

/** Where a part goes while the host is built. */
export interface Site {
  readonly draft: HostDraft;
  readonly at: DomainDraft;
  readonly other: DomainDraft;
  readonly n: Part['n'];
}

/** Where it goes once the host runs; domains by their domids. */
export interface Place {
  readonly host: Host;
  readonly at: number;
  readonly other: number;
  readonly n: Part['n'];
}

/**
 * A kind of part. `build` changes the draft, or leaves it as it is where the
 * part does not fit; `live` names the events that bring a running host into
 * the state, each of which Xen may refuse. One of them is there, or both.
 */
export interface PartKind {
  readonly id: string;
  /** What it is in a host, in at most 60 characters. */
  readonly says: string;
  readonly sources: readonly string[];
  /** How often it comes, against 10 for what every host has. */
  readonly weight: number;
  /** Domains that can have it; default all. */
  readonly fits?: (d: DomainPlan) => boolean;
  /** dom0 cannot have it. */
  readonly ofGuests?: true;
  readonly build?: (site: Site) => void;
  readonly live?: (place: Place) => Iterable<HostEvent>;
}

export const pvOnly = (d: DomainPlan): boolean => d.type === 'pv';
export const translatedOnly = (d: DomainPlan): boolean => d.type !== 'pv';
export const hvmOnly = (d: DomainPlan): boolean => d.type === 'hvm';
export const v2Only = (d: DomainPlan): boolean => d.grantVersion === 2;

/** Pages of a domain that have no use yet. */
export const room = (d: DomainDraft): number => d.pages.length - d.nextPage;

/** The number, or in a quarter of the cases one that 32 bits do not hold. */
export const wide = (n: number): number => (n % 4 === 3 ? 2 ** 33 + n : n);

/** A number of 64 bits as far as the model holds them; now and then the largest, or 0. */
export const widest = (n: number): number =>
  n % 8 === 7 ? Number.MAX_SAFE_INTEGER - n : n % 8 === 2 ? 0 : wide(n);

/** One of a list, by a number of any size; the list is not empty. */
export const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
