/** Random plans: kinds and sizes as real hosts have them, rare shapes more often. */
import type { Random } from 'fast-check';
import { VERSIONS, type XenVersion } from '../../../src/design/versions.ts';
import { kindOf, PART_KINDS } from './parts/index.ts';
import type { DomainPlan, HostPlan, Part } from './plan.ts';

/** What limits the hosts that are made. */
export interface HostOptions {
  /** dom0 included; default 6. */
  readonly maxDomains?: number;
  /** Default 1: dom0. */
  readonly minDomains?: number;
  /** Default 40. */
  readonly maxParts?: number;
  /** Ordinary pages of a domain; default 96. */
  readonly maxPages?: number;
  /** Default 24, of dom0 48. */
  readonly minPages?: number;
  /** Versions that xen#1 may be; default all. */
  readonly versions?: readonly XenVersion[];
  /** Kinds of parts that may not come; default none. */
  readonly without?: readonly string[];
}

/** Dense in small values, as most of a host is; `n` itself is possible. */
const upTo = (r: Random, n: number): number => Math.min(r.nextInt(0, n), r.nextInt(0, n));

const oneOf = <T>(r: Random, from: readonly T[]): T => from[r.nextInt(0, from.length - 1)] as T;

const MIN_PAGES = 24;

const randomDomain = (
  r: Random,
  isDom0: boolean,
  { minPages = MIN_PAGES, maxPages = 96 }: HostOptions,
): DomainPlan => {
  const type = isDom0 ? 'pv' : oneOf(r, ['pv', 'pv', 'pvh', 'hvm'] as const);
  return {
    type,
    pages:
      Math.max(minPages, (isDom0 ? 2 : 1) * MIN_PAGES) + upTo(r, Math.max(0, maxPages - minPages)),
    vcpus: oneOf(r, [1, 1, 2, 2, 3, 4]),
    grantVersion: oneOf(r, [1, 1, 2]),
    fifo: r.nextBoolean(),
    gap: oneOf(r, [0, 0, 0, 1, 4, 300]),
    furnished: r.nextInt(0, 2) > 0,
    width: r.nextInt(0, 7) === 0 && type === 'pv' ? 32 : 64,
  };
};

/** Largest number in a part: enough for every choice that parts make by remainders. */
const MAX_NUMBER = 999;

/** Draws kinds by their weights. */
const lottery = (without: readonly string[]): readonly string[] =>
  PART_KINDS.filter((k) => !without.includes(k.id)).flatMap((k) =>
    new Array<string>(k.weight).fill(k.id),
  );

/** Kinds that are drawn before a part is given up: a host without an HVM domain has no IOREQ server. */
const TRIES = 4;

const randomPart = (
  r: Random,
  tickets: readonly string[],
  domains: readonly DomainPlan[],
): Part[] => {
  const number = (): number => r.nextInt(0, MAX_NUMBER);
  for (let i = 0; i < TRIES; i++) {
    const kind = oneOf(r, tickets);
    const { fits, ofGuests } = kindOf(kind) ?? {};
    const places = [...domains.keys()].filter(
      (k) => (k > 0 || ofGuests !== true) && (fits?.(domains[k] as DomainPlan) ?? true),
    );
    if (places.length === 0) continue;
    const at = oneOf(r, places);
    // Most of what domains share they share with dom0.
    const other = r.nextInt(0, 2) === 0 ? r.nextInt(0, domains.length - 1) : 0;
    return [{ kind, at, other, n: [number(), number(), number()] }];
  }
  return [];
};

const SHAPES = 9;

/** Draws plans of these options. */
export const planner = (options: HostOptions = {}): ((r: Random) => HostPlan) => {
  const { minDomains = 1, maxDomains = 6, maxParts = 40, versions = VERSIONS } = options;
  const tickets = lottery(options.without ?? []);
  return (r) => {
    const count = r.nextInt(minDomains, maxDomains);
    const parts = tickets.length === 0 ? 0 : r.nextInt(0, maxParts);
    const domains = Array.from({ length: count }, (_, i) => randomDomain(r, i === 0, options));
    return {
      version: oneOf(r, versions),
      shape: r.nextBoolean() ? 0 : r.nextInt(0, SHAPES - 1),
      domains,
      parts: Array.from({ length: parts }, () => randomPart(r, tickets, domains)).flat(),
    };
  };
};
