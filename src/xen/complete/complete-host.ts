/**
 * From what a capture shows to a whole, consistent host. Everything that no
 * source shows is completed by named assumptions, so that the counts of the
 * host agree with every count shown; where they cannot, both numbers are
 * listed as a contradiction.
 */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { XenVersion } from '../../design/versions.ts';
import { PAGE_SIZE } from '../../host/constants.ts';
import type { Domain } from '../../host/domain.ts';
import type { Hardware } from '../../host/hardware.ts';
import type { Host, PrivateMemory } from '../../host/host.ts';
import { deriveCounts, deriveDomainRefs } from '../../host/references.ts';
import type { System } from '../../host/system.ts';
import type { Reading } from '../capture/reading.ts';
import type { Assumption } from './assumptions.ts';
import { buildOf, commandLineOf, cpusOf, versionOfReading } from './build.ts';
import { compareCounts, ownedPages, storeCounts } from './counts.ts';
import { domainFacts } from './domain-facts.ts';
import { type DomainParts, domainOf, targetsOf } from './domains.ts';
import type { CompletionError } from './errors.ts';
import { type GivenGuest, guestMisfits, guestsByDomid } from './guests.ts';
import { iommuOf } from './iommu.ts';
import { translateDomains } from './mappings.ts';
import { mappingsOf } from './maptrack.ts';
import { compareFree, keepUsedHeap, layMemory, type Memory } from './memory.ts';
import { createNotes, type HostContradiction, type Notes } from './notes.ts';
import { partsOf } from './parts.ts';
import { virqHandlersOf } from './virq-handlers.ts';

export interface CompletionOptions {
  /**
   * Frames that a host may have: a bound on memory, twelve bytes a frame and
   * as much again while counting. Default 2^24, 64 GiB.
   */
  readonly frameLimit?: number;
  /** What the running Xen is taken for, instead of the version that the capture shows. */
  readonly version?: XenVersion;
  /** Guests out of their save streams, in the place of what a dump does not show. */
  readonly guests?: readonly GivenGuest[];
}

export interface CompletedHost {
  readonly host: Host;
  readonly assumed: readonly Assumption[];
  readonly contradictions: readonly HostContradiction[];
}

const FRAME_LIMIT = 2 ** 24;
/** The running Xen is the first of the model. */
const INSTANCE = 1;
/** Errors beyond these say nothing new. */
const ERRORS_MAX = 20;
const FRAMES_PER_MIB = 2 ** 20 / PAGE_SIZE;

const idleSystem: System = {
  virqHandlers: {},
  domXenShares: [],
  traceBuffers: [],
  kexec: { default: null, crash: null },
  tasklets: [],
  rcu: [],
  destroying: [],
  iommuFrames: [],
  unsupported: [],
};

/** A host around the domains; frame table and contents are still being written. */
const hostAround = (
  memory: Memory,
  domains: Readonly<Record<number, Domain>>,
  system: System,
  notes: Notes,
): Host => {
  const { bench, layout, ram } = memory;
  const { reading, version, frames, content, m2p, now } = bench;
  const hardware: Hardware = {
    ram,
    cpus: cpusOf(reading, notes),
    content,
    xenWrites: [],
    m2p: { frames: layout.m2p, entries: m2p },
    iommuRoot: null,
    platformTime: now,
  };
  const megabytes = layout.bootmem.count / FRAMES_PER_MIB;
  return {
    hardware,
    xen: {
      instance: INSTANCE,
      build: buildOf(reading, version, layout.image.count),
      commandLine: `${commandLineOf(reading)} liveupdate=${megabytes}M`.trim(),
      now,
      timeOffset: 0,
      image: layout.image,
      bootmem: layout.bootmem,
      private: [],
      domains,
      system,
      frames,
    },
  };
};

const withDomains = (host: Host, domains: Readonly<Record<number, Domain>>): Host => ({
  ...host,
  xen: { ...host.xen, domains },
});

/** Page counts and refcnt of each domain, as they follow from the frame table. */
const withTotals = (memory: Memory, host: Host): Host => {
  const owned = ownedPages(memory.bench);
  const domains: Record<number, Domain> = {};
  for (const d of Object.values(host.xen.domains)) {
    const { tot, xenheap } = owned.get(d.domid) ?? { tot: 0, xenheap: 0 };
    domains[d.domid] = { ...d, totPages: tot, xenheapPages: xenheap };
  }
  const counted = withDomains(host, domains);
  for (const d of Object.values(domains))
    domains[d.domid] = { ...d, refcnt: deriveDomainRefs(counted, d) };
  return counted;
};

/** What Xen has written its own data over: its image and its private memory. */
const xenWritesOf = (memory: Memory, kept: readonly PrivateMemory[]): Hardware['xenWrites'] => [
  { frames: memory.layout.image, instance: INSTANCE, use: 'image' },
  ...kept.map((p) => ({ frames: p.frames, instance: INSTANCE, use: p.use })),
];

const complete = (
  reading: Reading,
  options: CompletionOptions,
  notes: Notes,
): Either<CompletionError[], Host> => {
  const version = versionOfReading(reading, notes);
  if (isLeft(version)) return left([version.left]);
  const guests = guestsByDomid(reading, options.guests ?? []);
  if (isLeft(guests)) return guests;
  const facts = domainFacts(reading, version.right.layout, guests.right, notes);
  if (isLeft(facts)) return facts;
  const misfits = guestMisfits(facts.right, guests.right);
  if (misfits.length > 0) return left(misfits);
  const laid = layMemory(
    {
      reading,
      version: options.version ?? version.right,
      domains: facts.right,
      limit: options.frameLimit ?? FRAME_LIMIT,
      instance: INSTANCE,
    },
    notes,
  );
  if (isLeft(laid)) return laid;
  const memory = laid.right;
  const { bench } = memory;
  const { domains: claimed } = bench.known;
  const grantMaps = mappingsOf(claimed, bench.known, notes);
  if (isLeft(grantMaps)) return left([grantMaps.left]);
  const parts = partsOf(bench, claimed, grantMaps.right);
  if (isLeft(parts)) return left([parts.left]);
  const targets = targetsOf(parts.right);
  const bare: Record<number, Domain> = {};
  for (const p of parts.right) bare[p.facts.domid] = domainOf(bench, p, targets.get(p.facts.domid));
  const system = { ...idleSystem, virqHandlers: virqHandlersOf(parts.right, notes) };
  notes.assume('system-idle', 1);
  const host = hostAround(memory, bare, system, notes);
  const base = deriveCounts(host, bench.version.countRules);
  const inputs = { parts: parts.right, grantMaps: grantMaps.right, base };
  const domains = translateDomains(bench, inputs, bare);
  if (isLeft(domains)) return left([domains.left]);
  const translated = withDomains(host, domains.right);
  const stored = storeCounts(bench, translated);
  if (isLeft(stored)) return left([stored.left]);
  return right(finish(memory, withTotals(memory, translated), parts.right));
};

/** The rest of memory: IOMMU tables, used heap; then every number against the dump. */
const finish = (memory: Memory, host: Host, parts: readonly DomainParts[]): Host => {
  const { bench } = memory;
  const facts = parts.map((p) => p.facts);
  const iommu = iommuOf(bench, parts);
  const kept = [...memory.private, ...keepUsedHeap(memory)];
  compareFree(memory);
  compareCounts(bench, host, facts);
  const { hardware, xen } = host;
  return {
    hardware: { ...hardware, iommuRoot: iommu.root, xenWrites: xenWritesOf(memory, kept) },
    xen: { ...xen, private: kept, system: { ...xen.system, iommuFrames: iommu.frames } },
  };
};

/**
 * Completes a reading. The host is consistent: stored counts are the derived
 * ones, ports and grants are paired, no page is used with two types. Errors,
 * at most 20: readings that no consistent host fits, or one beyond the limit.
 * Takes time and memory in the order of the host's frames; never throws.
 */
export const completeHost = (
  reading: Reading,
  options: CompletionOptions = {},
): Either<CompletionError[], CompletedHost> => {
  const notes = createNotes();
  const host = complete(reading, options, notes);
  if (isLeft(host)) return left(host.left.slice(0, ERRORS_MAX));
  return right({
    host: host.right,
    assumed: notes.assumptions(),
    contradictions: notes.contradictions(),
  });
};
