/**
 * Random readings: typed as the parser types them, otherwise as wild as a
 * damaged or torn dump can be. Small numbers collide often, large ones reach
 * beyond every limit.
 */
import fc from 'fast-check';
import type {
  CompanionDomain,
  DomainReading,
  EventChannelsReading,
  GrantTableReading,
  PageReading,
  PortBinding,
  PortReading,
  Reading,
  VcpuReading,
} from '../../../src/xen/capture/reading.ts';
import {
  caf,
  channels,
  companion,
  domain,
  e820,
  grant,
  grantTable,
  HAP,
  page,
  port,
  reading,
  taf,
  vcpu,
} from './readings.ts';

const DOMAINS = 5;
const small = (max: number): fc.Arbitrary<number> => fc.nat({ max });
/** Mostly a host of 64 MiB to 128 MiB, now and then anything. */
const frame = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 0x800, max: 0x880 }) },
  { weight: 10, arbitrary: fc.integer({ min: 0x4000, max: 0x7fff }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, 0xa0, 0xff, 0x100) },
);
const anyDomid = fc.oneof(
  { weight: 20, arbitrary: small(DOMAINS) },
  { weight: 1, arbitrary: fc.constantFrom(0x7fef, 0x7ff2, 0x7fff, 0x8000) },
);
const count = fc.oneof(
  { weight: 20, arbitrary: small(4) },
  { weight: 1, arbitrary: fc.constantFrom(255, 5000, 2 ** 30) },
);

const pageArb: fc.Arbitrary<PageReading> = fc
  .record({
    list: fc.constantFrom('DomPage' as const, 'XenPage' as const, 'ExtraPage' as const),
    mfn: frame,
    general: count,
    type: small(7),
    typeCount: count,
    bits: small(15),
  })
  .map((p) =>
    page(
      p.list,
      p.mfn,
      caf(p.general, { allocated: (p.bits & 1) === 0, xenHeap: p.list === 'XenPage' }),
      taf(p.type, p.typeCount, (p.bits & 6) === 6, (p.bits & 12) === 12),
    ),
  );

const vcpuArb: fc.Arbitrary<Partial<VcpuReading>> = fc.record({
  cpu: small(2),
  running: fc.boolean(),
  poll: fc.constantFrom(0, 0, 3, -1),
  upcallPending: small(1),
  upcallMask: small(1),
  pauseCount: fc.constantFrom(0, 0, 1, 2),
  pauseFlags: fc.constantFrom(0, 0, 1, 2, 3, 0x1ff),
  periodicTimer: fc.constantFrom(undefined, { hz: 100, periodMs: 10 }, { hz: 0, periodMs: 0 }),
});

const domainArb = (domid: number): fc.Arbitrary<DomainReading> =>
  fc
    .record({
      refcnt: small(5),
      dying: fc.constantFrom(0, 0, 0, 0, 1, 2),
      pauseCount: fc.constantFrom(0, 0, 1, 3),
      nrPages: fc.oneof(small(12), small(3000)),
      xenheapPages: small(4),
      domPagesOmitted: fc.boolean(),
      /** The list is complete: nr_pages is its length. */
      exact: fc.boolean(),
      paging: fc.constantFrom(undefined, undefined, HAP, ['shadow', 'translate'], ['shadow']),
      pages: fc.array(pageArb, { maxLength: 14 }),
      vcpus: fc.array(vcpuArb, { maxLength: 3 }),
    })
    .map(({ exact, ...d }) =>
      domain(domid, {
        ...d,
        nrPages: exact ? d.pages.filter((p) => p.list === 'DomPage').length : d.nrPages,
        vcpus: d.vcpus.map((v, id) => vcpu(id, v)),
      }),
    );

const tableArb = (granter: number): fc.Arbitrary<GrantTableReading> =>
  fc
    .record({
      version: fc.constantFrom(1, 1, 2),
      frames: small(3),
      maptrackFrames: small(2),
      entries: fc.array(
        fc
          .record({
            ref: fc.oneof(small(20), small(1200)),
            mfn: frame,
            grantee: anyDomid,
            sharedGrantee: anyDomid,
            pin: fc.constantFrom(0, 1, 2, 0x100, 0x10001, 0x01010101, 0xff0000ff),
            sharedFrame: fc.oneof(
              small(5000).map(BigInt),
              fc.constantFrom(2n ** 32n - 1n, 2n ** 63n),
            ),
            status: fc.constantFrom(0x19, 0x19, 0x9, 0x8, 0x18, 0, 0xffff),
          })
          .map((g) => grant(g.ref, g.mfn, g)),
        { maxLength: 8 },
      ),
    })
    .map((g) => grantTable(granter, g.entries, g));

const bindingArb: fc.Arbitrary<PortBinding> = fc.oneof(
  fc.constant<PortBinding>({ kind: 'ipi' }),
  fc.constant<PortBinding>({ kind: 'reserved' }),
  anyDomid.map((remote): PortBinding => ({ kind: 'unbound', remote })),
  fc
    .tuple(anyDomid, fc.oneof(small(6), fc.constantFrom(131071, 131072)))
    .map(([remote, remotePort]): PortBinding => ({ kind: 'interdomain', remote, remotePort })),
  small(30).map((virq): PortBinding => ({ kind: 'virq', virq })),
  fc
    .tuple(small(4), fc.integer({ min: -2, max: 3 }))
    .map(([pirq, irq]): PortBinding => ({ kind: 'pirq', pirq, irq })),
);

const portArb = (fifo: boolean): fc.Arbitrary<PortReading> =>
  fc
    .record({
      n: fc.oneof(
        { weight: 20, arbitrary: small(8) },
        { weight: 2, arbitrary: fc.constantFrom(127, 128, 1024, 3400, 4095, 4096, 131071, 131072) },
      ),
      binding: bindingArb,
      pending: fc.boolean(),
      masked: fc.boolean(),
      notifyVcpu: small(3),
      xenConsumer: fc.constantFrom(0, 0, 0, 1),
      link: fc.option(small(8), { nil: undefined }),
      odd: small(19),
    })
    .map(({ n, binding, link, odd, ...more }) =>
      port(n, binding, {
        ...more,
        link:
          fifo !== (odd === 0)
            ? odd === 1
              ? { abi: 'fifo', word: 'absent' }
              : { abi: 'fifo', word: 'present', busy: odd === 2, link }
            : { abi: '2l', selector: odd > 10 },
      }),
    );

const channelsArb = (domid: number): fc.Arbitrary<EventChannelsReading> =>
  fc
    .oneof(fc.array(portArb(true), { maxLength: 9 }), fc.array(portArb(false), { maxLength: 9 }))
    .map((ports) => channels(domid, ports));

const companionArb = (domid: number): fc.Arbitrary<CompanionDomain> =>
  fc
    .record({
      type: fc.constantFrom(undefined, 'pv' as const, 'pvh' as const, 'hvm' as const),
      state: fc.constantFrom(undefined, '---sc-', '-b----', ''),
      shutdownReason: fc.constantFrom(undefined, 0, 3),
      pciDevices: fc.constantFrom(0, 0, 2),
    })
    .map((c) => companion(domid, c));

const memoryArb: fc.Arbitrary<Reading['memory']> = fc
  .record({
    nodes: fc.constantFrom(0, 1, 2),
    zones: fc.array(fc.record({ zone: small(20), freePages: small(20000) }), { maxLength: 6 }),
    how: small(4),
    shares: fc.array(small(1500), { minLength: DOMAINS, maxLength: DOMAINS }),
  })
  .map(({ nodes, zones, how, shares }) => ({
    numa:
      nodes === 0
        ? undefined
        : {
            nodes: Array.from({ length: nodes }, (_, node) => ({
              node,
              startPfn: node * 0x6000,
              spannedPages: 0x6000,
              freePages: zones[0]?.freePages ?? 0,
            })),
            cpus: [],
            domains: shares.map((pages, domid) => ({
              file: 'made',
              line: 1,
              domid,
              totalPages: pages,
              perNode: [{ node: pages % 2, pages }],
            })),
          },
    heapZones: how === 0 ? zones.map((z) => ({ node: 0, ...z })) : undefined,
    info:
      how === 1
        ? {
            xenHeapKiB: 0,
            domHeapKiB: 0,
            zones: zones.map((z) => ({ zone: z.zone, freeKiB: z.freePages * 4 })),
          }
        : undefined,
  }));

const bootArb: fc.Arbitrary<Partial<Reading['boot']>> = fc.record({
  e820: fc.constantFrom(
    e820(),
    e820(),
    e820([0, 0x9f], [0x100, 0x8000]),
    e820([0x100, 0x4000], [0x5000, 0x9000]),
    e820([0, 0x1000]),
  ),
  imageBase: fc.constantFrom(undefined, undefined, 0x3c00000n, 0x3c01000n, 0x1000n, 2n ** 60n),
  iommu: fc.constantFrom(undefined, true, false),
});

/** Readings of up to five domains. */
export const arbitraryReading: fc.Arbitrary<Reading> = fc
  .record({
    domains: fc.tuple(...[...Array(DOMAINS).keys()].map(domainArb)),
    grants: fc.tuple(...[...Array(DOMAINS).keys()].map(tableArb)),
    ports: fc.tuple(...[...Array(DOMAINS).keys()].map(channelsArb)),
    companions: fc.tuple(...[...Array(DOMAINS).keys()].map(companionArb)),
    present: fc.integer({ min: 1, max: 2 ** DOMAINS - 1 }),
    memory: memoryArb,
    boot: bootArb,
    minor: fc.constantFrom(9, 11, 15, 17, 20, 22),
  })
  .map(({ present, memory, boot, minor, ...made }) => {
    const here = (domid: number): boolean => (present & (1 << domid)) !== 0;
    const base = reading({
      domains: made.domains.filter((d) => here(d.domid)),
      grants: made.grants,
      channels: made.ports,
      companions: made.companions.filter((_, i) => i % 2 === present % 2),
    });
    return {
      ...base,
      version: { file: 'made', line: 1, major: 4, minor, text: `4.${minor}` },
      memory,
      boot: { ...base.boot, ...boot },
    };
  });
