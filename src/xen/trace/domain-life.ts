/** What a trace tells of one domain, from its creation to its end. */
import { hypercallName } from './hypercall-names.ts';

/** When and where in the file something stood. */
export interface Moment {
  /** TSC cycles since the first record of the trace; exact. */
  readonly cycles: number;
  /** Byte offset of the record. */
  readonly offset: number;
}

/** How often something happened, and when first and last. */
export interface Tally {
  readonly count: number;
  readonly first: Moment;
  readonly last: Moment;
}

/** Entries of one hypercall, and for domctl and sysctl what `reentry.ts` says of them. */
export interface CallCount {
  readonly entries: number;
  readonly reentries: number;
  readonly unclear: number;
}

/** Grants of one domain that another one mapped. */
export interface MapperCount {
  readonly maps: number;
  readonly unmaps: number;
}

/**
 * One life of a domain id. `null` means that no record says so, which in a
 * trace that starts late, lacks a class, or lost records is not a denial.
 */
export interface DomainLife {
  readonly domain: number;
  /** DOM0_DOM_ADD: the domain's structure exists. */
  readonly created: Moment | null;
  /** SCHED_DOM_ADD: the scheduler knows it. */
  readonly scheduled: Moment | null;
  /** First record of one of its vCPUs running. */
  readonly firstRun: Moment | null;
  /** SLEEP of its vCPUs. Not by itself a pause: see `offline`. */
  readonly sleeps: Tally | null;
  readonly wakes: Tally | null;
  /** A vCPU left for offline: a pause or shutdown has taken effect. */
  readonly offline: Tally | null;
  /** A vCPU came back from offline: first start, or unpause. */
  readonly online: Tally | null;
  /** The guest's own SCHEDOP_shutdown or SCHEDOP_shutdown_code, the first one. */
  readonly shutdown: (Moment & { readonly reason: number; readonly vcpu: number }) | null;
  /** By the number of the hypercall; calls within a multicall apart. */
  readonly hypercalls: Readonly<Record<string, CallCount>>;
  readonly subcalls: Readonly<Record<string, number>>;
  /** Mappings of this domain's grants, by the mapping domain; `unknown` where none is known. */
  readonly grantsOf: Readonly<Record<string, MapperCount>>;
  readonly grantTransfers: number;
  /** Extents given back (DECREASE_RESERVATION), and 4 KiB pages in them. */
  readonly decreased: { readonly extents: number; readonly pages: number };
  /** SET_P2M_ENTRY of this domain. */
  readonly p2mEntries: number;
  /** DOM0_DOM_REM: the last reference is dropped. */
  readonly removed: Moment | null;
  /** SCHED_DOM_REM: freed after the RCU grace period. */
  readonly freed: Moment | null;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A life under construction. */
export type LifeDraft = Draft<Omit<DomainLife, 'hypercalls' | 'subcalls' | 'grantsOf'>> & {
  readonly calls: Map<number, Draft<CallCount>>;
  readonly subcalls: Map<number, number>;
  readonly mappers: Map<number, Draft<MapperCount>>;
};

export const newLife = (domain: number): LifeDraft => ({
  domain,
  created: null,
  scheduled: null,
  firstRun: null,
  sleeps: null,
  wakes: null,
  offline: null,
  online: null,
  shutdown: null,
  grantTransfers: 0,
  decreased: { extents: 0, pages: 0 },
  p2mEntries: 0,
  removed: null,
  freed: null,
  calls: new Map(),
  subcalls: new Map(),
  mappers: new Map(),
});

/** The tally with one more at `at`. */
export const tallied = (tally: Tally | null, at: Moment): Tally =>
  tally === null
    ? { count: 1, first: at, last: at }
    : { count: tally.count + 1, first: tally.first, last: at };

/** Numbers from here on are counted together: no hypercall of Xen is as high. */
const OTHER_CALLS = 64;
/** Mapping domains told apart for one granter; the rest is counted together. */
const MOST_MAPPERS = 1024;
const UNKNOWN_MAPPER = -1;
const OTHER_MAPPERS = -2;
/** Larger extents than Xen can have (2^30 pages) are not counted in pages. */
const LARGEST_ORDER = 30;

/** Name of a counter of calls: the hypercall's, or `other`. */
export const countName = (op: number): string => (op >= OTHER_CALLS ? 'other' : hypercallName(op));

/** One more call of `op`. */
export const countIn = (counts: Map<number, number>, op: number): void => {
  const key = Math.min(op, OTHER_CALLS);
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const entryOf = <V>(map: Map<number, V>, key: number, fresh: () => V): V => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = fresh();
  map.set(key, made);
  return made;
};

/** The counter of `op`, made when it is not there yet. */
export const callOf = (life: LifeDraft, op: number): Draft<CallCount> =>
  entryOf(life.calls, Math.min(op, OTHER_CALLS), () => ({ entries: 0, reentries: 0, unclear: 0 }));

/** The counter of the mapping domain, -1 for an unknown one; made when it is not there yet. */
export const mapperOf = (life: LifeDraft, mapper: number): Draft<MapperCount> => {
  const full = life.mappers.size >= MOST_MAPPERS && !life.mappers.has(mapper);
  return entryOf(life.mappers, full ? OTHER_MAPPERS : mapper, () => ({ maps: 0, unmaps: 0 }));
};

/** One extent of 2^`order` pages given back. */
export const decreasedBy = (life: LifeDraft, order: number): void => {
  const { extents, pages } = life.decreased;
  const more = order <= LARGEST_ORDER ? 2 ** order : 0;
  life.decreased = { extents: extents + 1, pages: pages + more };
};

const mapperName = (mapper: number): string => {
  if (mapper === UNKNOWN_MAPPER) return 'unknown';
  return mapper === OTHER_MAPPERS ? 'others' : `d${mapper}`;
};

const byKey = <V, W>(
  map: ReadonlyMap<number, V>,
  name: (key: number) => string,
  value: (from: V) => W,
): Record<string, W> =>
  Object.fromEntries(
    [...map].sort(([a], [b]) => a - b).map(([key, from]) => [name(key), value(from)]),
  );

/** The finished, JSON-able life. */
export const finishedLife = (draft: LifeDraft): DomainLife => {
  const { calls, subcalls, mappers, ...rest } = draft;
  return {
    ...rest,
    hypercalls: byKey(calls, countName, (count) => ({ ...count })),
    subcalls: byKey(subcalls, countName, (count) => count),
    grantsOf: byKey(mappers, mapperName, (count) => ({ ...count })),
  };
};
