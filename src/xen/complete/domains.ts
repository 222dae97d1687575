/** Puts the parts of one domain together. */
import type { Domain, Rangeset } from '../../host/domain.ts';
import type { GrantTable } from '../../host/grant-table.ts';
import { domid, type Mfn } from '../../host/ids.ts';
import type { IoreqServer } from '../../host/ioreq.ts';
import type { Vcpu } from '../../host/vcpu.ts';
import { grantVersionLimit } from './build.ts';
import type { DomainFacts } from './domain-facts.ts';
import type { DomainPages } from './domain-pages.ts';
import type { CompletedEvents } from './event-channels.ts';
import { usesIommu } from './iommu.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { DomainPorts } from './ports.ts';
import type { Workbench } from './workbench.ts';

/** A domain before its page tables and counts are known. */
export interface DomainParts {
  readonly facts: DomainFacts;
  readonly life: Lifecycle;
  readonly pages: DomainPages;
  readonly sharedInfo: Mfn | null;
  readonly ports: DomainPorts;
  readonly events: CompletedEvents;
  readonly grants: GrantTable;
  readonly vcpus: readonly Vcpu[];
  readonly ioreqServers: Readonly<Record<number, IoreqServer>>;
}

const rangesetOf = (d: DomainFacts, name: string): Rangeset =>
  (d.reading.rangesets.find((r) => r.name === name)?.ranges ?? []).map(
    ([a, b]): [number, number] => [a, b],
  );

/** Guest PIRQs with an interrupt of the host behind them: of keys e and i. */
const pirqsOf = (
  w: Workbench,
  d: DomainFacts,
  ports: DomainPorts['ports'],
): Record<number, number> => {
  const pirqs: Record<number, number> = {};
  for (const { domid: id, pirq, irq } of w.reading.guestIrqs ?? [])
    if (id === d.domid) pirqs[pirq] = irq;
  for (const { reading } of ports.values())
    if (reading.binding.kind === 'pirq' && reading.binding.irq > 0)
      pirqs[reading.binding.pirq] = reading.binding.irq;
  return pirqs;
};

/** Features in use that no record of a design carries (F13.7). */
const unsupportedOf = (d: DomainFacts, ports: DomainPorts): string[] => {
  const { reading } = d;
  const found: [boolean, string][] = [
    [(reading.sharedPages ?? 0) > 0, 'memory sharing'],
    [(reading.pagedPages ?? 0) > 0, 'memory paging'],
    [(reading.pod?.entries ?? 0) > 0, 'populate on demand'],
    [reading.watchdogs.length > 0, 'watchdog timers'],
    [d.type === 'pv' && (reading.paging?.includes('shadow') ?? false), 'PV shadow paging'],
    [ports.reserved > 0, 'reserved event channels (PV shim)'],
  ];
  return found.flatMap(([is, what]) => (is ? [what] : []));
};

const tscOf = (w: Workbench, d: DomainFacts): Domain['tsc'] => {
  const shown = w.reading.tsc?.find((t) => t.domid === d.domid);
  const saved = d.guest?.tsc;
  if (shown === undefined) {
    if (saved === undefined) w.notes.assume('tsc', 1, d.domid);
    w.notes.assume('tsc-offset', 1, d.domid);
  }
  return {
    mode: shown?.mode ?? saved?.mode ?? 0,
    khz: shown?.khz ?? saved?.khz ?? 0,
    offset: Number(BigInt.asIntN(64, shown?.offset ?? 0n)),
    incarnation: shown?.incarnation ?? saved?.incarnation ?? 0,
  };
};

/** Parameters of a given guest, as far as the model's numbers hold them. */
const hvmParamsOf = (w: Workbench, d: DomainFacts): Domain['hvmParams'] => {
  const params = d.guest?.type === 'hvm' ? d.guest.params : [];
  const fits = params.filter((p) => p.value <= BigInt(Number.MAX_SAFE_INTEGER));
  w.notes.assume('hvm-params-wide', params.length - fits.length, d.domid);
  return Object.fromEntries(fits.map((p) => [p.index, Number(p.value)]));
};

/** IOREQ servers of guests, by emulator: a domain that emulates for one guest only has it as target. */
export const targetsOf = (
  parts: readonly Pick<DomainParts, 'facts' | 'ioreqServers'>[],
): ReadonlyMap<number, number> => {
  const guests = new Map<number, Set<number>>();
  for (const { facts, ioreqServers } of parts)
    for (const s of Object.values(ioreqServers)) {
      const set = guests.get(s.emulator) ?? new Set<number>();
      guests.set(s.emulator, set);
      set.add(facts.domid);
    }
  return new Map(
    [...guests].flatMap(([emulator, set]): [number, number][] => {
      const [only] = set;
      const wanted = emulator !== 0 && set.size === 1 && only !== undefined && only !== emulator;
      return wanted ? [[emulator, only]] : [];
    }),
  );
};

/** The domain without page tables, P2M and counts: those are 0. */
export const domainOf = (w: Workbench, parts: DomainParts, target: number | undefined): Domain => {
  const { facts: d, life, ports, events, grants } = parts;
  const { reading, companion } = d;
  const { notes } = w;
  const isHardware = d.domid === 0;
  if (d.guest === undefined)
    notes.assume(d.type === 'pv' ? 'guest-width' : 'hvm-params', 1, d.domid);
  if (target !== undefined) notes.assume('target', 1, d.domid);
  notes.assume('weight', 1, d.domid);
  return {
    domid: domid(d.domid),
    type: d.type,
    name: companion?.name ?? (isHardware ? 'Domain-0' : null),
    config: {
      maxVcpus: Math.max(companion?.maxVcpus ?? 0, reading.vcpus.length),
      width: 64,
      maxGrantVersion: grantVersionLimit(w.reading),
      iommu: usesIommu(w, d),
      hap: reading.paging?.includes('hap') ?? false,
      vmAssist: reading.vmAssist,
      handle: reading.handle,
    },
    isHardware,
    isPrivileged: isHardware,
    target: target === undefined ? null : domid(target),
    refcnt: 0,
    ...life,
    maxPages: reading.maxPages,
    totPages: 0,
    xenheapPages: 0,
    sharedInfo: parts.sharedInfo,
    vcpus: parts.vcpus,
    events: events.events,
    grants,
    p2m: null,
    ioreqServers: parts.ioreqServers,
    hvmParams: hvmParamsOf(w, d),
    pagingPreempt: null,
    pirqs: pirqsOf(w, d, ports.ports),
    irqs: rangesetOf(d, 'Interrupts'),
    iomem: rangesetOf(d, 'I/O Memory'),
    ioports: rangesetOf(d, 'I/O Ports'),
    tsc: tscOf(w, d),
    weight: 256,
    unsupported: unsupportedOf(d, ports),
  };
};
