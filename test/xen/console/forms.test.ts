import { describe, expect, test } from 'vitest';
import { parseConsole } from '../../../src/xen/console/parse-console.ts';
import { mustRead, mustRefuse } from './fixtures.ts';
import {
  plainDomain,
  plainHost,
  plainPort,
  printE,
  printG,
  printHost,
  printQ,
  uuidOf,
  withPrefix,
} from './xen-prints.ts';

const parse = (lines: readonly string[]) => parseConsole(lines, 'log');

test('a zombie: dying, its last pages listed, no vCPU running', () => {
  const host = plainHost({
    refcnt: 1,
    dying: 2,
    nrPages: 2,
    tooLong: false,
    pages: [
      { list: 'DomPage', mfn: 0x13ae41, caf: 0x8000000000000002n, taf: 0x7400000000000001n },
      { list: 'DomPage', mfn: 0x13ae42, caf: 1n, taf: 0n },
      { list: 'XenPage', mfn: 0x7a260, caf: 0xc000000000000001n, taf: 0xe400000000000001n },
      { list: 'ExtraPage', mfn: 0x7a261, caf: 0x8000000000000001n, taf: 0n },
    ],
  });
  const zombie = mustRead(parse(printHost(host))).domains[1];
  expect(zombie).toMatchObject({ domid: 1, refcnt: 1, dying: 2, domPagesOmitted: false });
  expect(zombie?.handle).toBe(uuidOf(1));
  expect(
    zombie?.pages.map(({ list, mfn, countInfo, typeInfo }) => [list, mfn, countInfo, typeInfo]),
  ).toEqual([
    ['DomPage', 0x13ae41, 0x8000000000000002n, 0x7400000000000001n],
    ['DomPage', 0x13ae42, 1n, 0n],
    ['XenPage', 0x7a260, 0xc000000000000001n, 0xe400000000000001n],
    ['ExtraPage', 0x7a261, 0x8000000000000001n, 0n],
  ]);
});

test('version 2 grants: half as many references a frame, status instead of flags', () => {
  const host = plainHost();
  host.tables[1] = {
    granter: 1,
    version: 2,
    frames: 1,
    grants: [
      { ref: 255, grantee: 0, mfn: 0x13ec28, pin: 0x01010201, frame: 0x13ec28, status: 0x18 },
    ],
  };
  const table = mustRead(parse(printHost(host))).grantTables[1];
  expect(table).toMatchObject({ version: 2, frames: 1 });
  expect(table?.entries[0]).toMatchObject({ ref: 255, pin: 0x01010201, status: 0x18 });
  host.tables[1].grants = [
    { ref: 256, grantee: 0, mfn: 0x13ec28, pin: 1, frame: 0x13ec28, status: 0x18 },
  ];
  expect(mustRefuse(parse(printHost(host)))[0]?.what).toContain('[0x100]');
});

test('ports of every state and link that Xen prints', () => {
  const host = plainHost({ vcpus: 2 });
  host.ports[1] = {
    domid: 1,
    ports: [
      plainPort(1, { state: 3, tail: ' d=0 p=2', link: 'B 4   ' }),
      plainPort(2, { state: 1, link: '?     ' }),
      plainPort(3, { state: 2, tail: ' d=32752', link: 'B -   ' }),
      plainPort(4, { state: 4, tail: ' p=415 i=24', link: '  0   ', pending: true }),
      plainPort(5, { state: 4, tail: ' p=16 i=-1', link: '1' }),
      plainPort(6, { state: 5, tail: ' v=16', vcpu: 1, masked: true }),
      plainPort(7, { state: 2, tail: ' d=0', consumer: 1 }),
      plainPort(4000, { link: '  1234', tail: ' Z=system_u:object_r:domU_t' }),
    ],
  };
  const ports = mustRead(parse(printHost(host))).eventChannels[1]?.ports ?? [];
  expect(ports.map(({ binding }) => binding)).toEqual([
    { kind: 'interdomain', remote: 0, remotePort: 2 },
    { kind: 'reserved' },
    { kind: 'unbound', remote: 32752 },
    { kind: 'pirq', pirq: 415, irq: 24 },
    { kind: 'pirq', pirq: 16, irq: -1 },
    { kind: 'virq', virq: 16 },
    { kind: 'unbound', remote: 0 },
    { kind: 'ipi' },
  ]);
  expect(ports.map(({ link }) => link)).toEqual([
    { abi: 'fifo', word: 'present', busy: true, link: 4 },
    { abi: 'fifo', word: 'absent' },
    { abi: 'fifo', word: 'present', busy: true, link: undefined },
    { abi: 'fifo', word: 'present', busy: false, link: 0 },
    { abi: '2l', selector: true },
    { abi: 'fifo', word: 'present', busy: false, link: undefined },
    { abi: 'fifo', word: 'present', busy: false, link: undefined },
    { abi: 'fifo', word: 'present', busy: false, link: 1234 },
  ]);
  expect(ports[3]?.pending).toBe(true);
  expect(ports[5]).toMatchObject({ masked: true, notifyVcpu: 1 });
  expect(ports[6]?.xenConsumer).toBe(1);
  expect(ports[7]?.label).toBe('system_u:object_r:domU_t');
});

describe('a guest that was told to balloon down', () => {
  const numa = (total: number): string[] =>
    [
      "'u' pressed -> dumping numa info (now = 418240565107)",
      'NODE0 start->0 size->1310720 free->471166',
      'CPU0 -> NODE0',
      'Memory location of each domain:',
      `Domain 1 (total: ${total}):`,
      `    Node 0: ${total}`,
    ].map((line) => `(XEN) ${line}`);
  const lines = (nrPages: number, maxPages: number): string[] =>
    printHost(plainHost({ nrPages, maxPages }));

  test('has more than its maximum, which is said', () => {
    for (const log of [lines(8192, 4352), [...lines(16384, 8448), ...numa(16384)]]) {
      const reading = mustRead(parse(log));
      const { nrPages = 0, maxPages = 0 } = reading.domains[1] ?? {};
      expect(reading.repairs).toEqual([]);
      expect(nrPages).toBeGreaterThan(maxPages);
      expect(reading.contradictions.map(({ what }) => what)).toEqual([
        `domain 1 has nr_pages=${nrPages} above max_pages=${maxPages}: ` +
          'told to balloon down, or a digit is lost',
      ]);
    }
  });

  test('is not taken for one whose count has a digit too many', () => {
    expect(mustRefuse(parse(lines(81922, 8448)))[0]?.what).toContain('may have been');
    const shown = mustRead(parse([...lines(81922, 8448), ...numa(8192)]));
    expect(shown.domains[1]?.nrPages).toBe(8192);
  });
});

describe('other releases and build options', () => {
  const host = plainHost();
  const variant = (from: string, to: string): string[] =>
    printHost(host).map((line) => line.replace(from, to));

  test('shared and paged page counters', () => {
    const both = mustRead(
      parse(variant('xenheap_pages=1', 'xenheap_pages=1 shared_pages=5 paged_pages=6')),
    );
    expect(both.domains[1]).toMatchObject({ xenheapPages: 1, sharedPages: 5, pagedPages: 6 });
    const shared = mustRead(parse(variant('xenheap_pages=1', 'xenheap_pages=1 shared_pages=5')));
    expect(shared.domains[1]).toMatchObject({ sharedPages: 5, pagedPages: undefined });
    const paged = mustRead(parse(variant('xenheap_pages=1', 'xenheap_pages=1 paged_pages=6')));
    expect(paged.domains[1]).toMatchObject({ sharedPages: undefined, pagedPages: 6 });
  });

  test('4.11: affinities of a vCPU on a line of their own, hexadecimal time', () => {
    const old = printHost(host)
      .map((line) => line.replace('(now = 418240565106)', '(now=0x61:616131F2)'))
      .filter((line) => !line.includes('UNIT'))
      .flatMap((line) =>
        line.includes('pause_flags')
          ? ['(XEN)     cpu_hard_affinity={0-3,8} cpu_soft_affinity={}', line]
          : [line],
      )
      .map((line) => line.replace('No periodic timer', '    No periodic timer'));
    const reading = mustRead(parse(old));
    expect(reading.nowNs).toBe(0x61616131f2n);
    expect(reading.domains[1]?.vcpus[0]).toMatchObject({
      hardAffinity: [
        [0, 3],
        [8, 8],
      ],
      softAffinity: [],
      unit: undefined,
      periodicTimer: undefined,
    });
  });

  test('watchdogs, unlimited pages and a paused shadow guest', () => {
    const lines = printHost(plainHost({ maxPages: 4294967295 })).flatMap((line) =>
      line.includes(uuidOf(1))
        ? [
            line,
            '(XEN)     watchdog 0 expires in 27 seconds',
            '(XEN)     paging assistance: shadow log_dirty ',
          ]
        : [line],
    );
    expect(mustRead(parse(lines)).domains[1]).toMatchObject({
      watchdogs: [{ id: 0, expiresInS: 27 }],
      paging: ['shadow', 'log_dirty'],
      maxPages: 4294967295,
    });
  });
});

test('two NUMA nodes, heap zones, free memory and boot messages', () => {
  const host = plainHost();
  const reading = mustRead(
    parse([
      '(XEN) Xen version 4.20.1 (Debian 4.20.1-1) (a@b) (gcc 14) debug=n Wed Nov  4 2026',
      '(XEN) Command line: dom0_mem=1G console_timestamps=date',
      '(XEN) Xen image load base address: 0x1000000',
      '(XEN) Xen-e820 RAM map:',
      '(XEN)  [0000000000000000, 000000000009fbff] (usable)',
      '(XEN)  [000000000009fc00, 000000000009ffff] (ACPI data)',
      '(XEN)  0000000000100000 - 000000013fffffff (usable)',
      '(XEN) New Xen image base address: 0x7f800000',
      '(XEN) System RAM: 3071MB (3145188kB)',
      '(XEN) I/O virtualisation enabled',
      '(XEN) HVM: VMX enabled',
      '(XEN) HVM: Hardware Assisted Paging (HAP) detected',
      '(XEN) Brought up 4 CPUs',
      ...printHost(host),
      "(XEN) 'u' pressed -> dumping numa info (now = 331753777283)",
      '(XEN) NODE0 start->0 size->655360 free->1000',
      '(XEN) NODE1 start->655360 size->655360 free->65536',
      '(XEN) CPU0...1 -> NODE0',
      '(XEN) CPU2 -> NODE1',
      '(XEN) Memory location of each domain:',
      '(XEN) Domain 0 (total: 262144):',
      '(XEN)     Node 0: 262000',
      '(XEN)     Node 1: 144',
      '(XEN) d1 (total: 8192):',
      '(XEN)     Node 0: 0',
      '(XEN)     Node 1: 8192',
      "(XEN) 'H' pressed -> dumping heap info (now = 316006011344)",
      '(XEN) heap[node=1][zone=17] -> 65536 pages',
      '(XEN) Physical memory information:',
      '(XEN)     Xen heap: 0kB free',
      '(XEN)     heap[15]: 64512kB free',
      '(XEN)     DMA heap: 64512kB free',
      '(XEN)     heap[21]: 68kB free',
      '(XEN)     Dom heap: 68kB free',
      '(XEN) TSC not marked as either constant or reliable, warp=0 (count=1)',
      '(XEN) dom1: mode=0,ofs=0x7e5f67b7d,khz=2299998,inc=1',
      '(XEN) dom6(hvm): mode=2',
      '(XEN) IRQ information:',
      '(XEN)    IRQ:  24 vec:c0 PCI-MSI/-X      status=030 aff:{0}/{0-1} in-flight=0 d0:415(---),d1: 16(PM-)',
      '(XEN) Scheduler: SMP Credit Scheduler rev2 (credit2)',
    ]),
  );
  expect(reading.version).toMatchObject({ major: 4, minor: 20, text: '4.20.1', line: 1 });
  expect(reading.boot).toMatchObject({
    commandLine: 'dom0_mem=1G console_timestamps=date',
    loadBase: 0x1000000n,
    imageBase: 0x7f800000n,
    systemRamKiB: 3145188,
    iommu: true,
    hvm: 'VMX',
    hap: true,
    cpus: 4,
  });
  expect(reading.boot.e820).toEqual([
    { first: 0n, last: 0x9fbffn, type: 'usable' },
    { first: 0x9fc00n, last: 0x9ffffn, type: 'ACPI data' },
    // The format of 4.11 gives the end, not the last byte.
    { first: 0x100000n, last: 0x13ffffffen, type: 'usable' },
  ]);
  expect(reading.memory.numa?.nodes).toEqual([
    { node: 0, startPfn: 0, spannedPages: 655360, freePages: 1000 },
    { node: 1, startPfn: 655360, spannedPages: 655360, freePages: 65536 },
  ]);
  expect(reading.memory.numa?.cpus).toEqual([
    { first: 0, last: 1, node: 0 },
    { first: 2, last: 2, node: 1 },
  ]);
  expect(reading.memory.numa?.domains.map(({ domid, perNode }) => [domid, perNode.length])).toEqual(
    [
      [0, 2],
      [1, 2],
    ],
  );
  expect(reading.memory.heapZones).toEqual([{ node: 1, zone: 17, freePages: 65536 }]);
  expect(reading.memory.info).toMatchObject({ xenHeapKiB: 0, domHeapKiB: 64580 });
  expect(reading.tsc).toEqual([
    { domid: 1, hvm: false, mode: 0, offset: 0x7e5f67b7dn, khz: 2299998, incarnation: 1 },
    { domid: 6, hvm: true, mode: 2, offset: 0n, khz: undefined, incarnation: undefined },
  ]);
  expect(reading.guestIrqs).toEqual([
    { irq: 24, domid: 0, pirq: 415 },
    { irq: 24, domid: 1, pirq: 16 },
  ]);
  expect(reading.scheduler).toBe('credit2');
  expect(reading.contradictions).toEqual([]);
});

describe('what two lines say differently is listed', () => {
  test('a channel whose ends disagree', () => {
    const host = plainHost();
    host.ports[1] = { domid: 1, ports: [plainPort(1, { state: 3, tail: ' d=0 p=1' })] };
    const { contradictions } = mustRead(parse([...printHost(host), "(XEN) 'u' pressed -> x"]));
    expect(contradictions.map(({ what }) => what)).toEqual([
      'port 2 of domain 0 is connected to port 1 of domain 1, which is connected to port 1 of domain 0',
      'port 1 of domain 1 is connected to port 1 of domain 0, which is ipi',
    ]);
    expect(contradictions[0]?.sources).toHaveLength(2);
  });

  test('pages by key q and by key u', () => {
    const lines = [
      ...printHost(plainHost()),
      "(XEN) 'u' pressed -> dumping numa info (now = 1)",
      '(XEN) NODE0 start->0 size->1310720 free->1',
      '(XEN) Domain 1 (total: 8000):',
      '(XEN)     Node 0: 8000',
    ];
    expect(mustRead(parse(lines)).contradictions[0]?.what).toBe(
      'domain 1 has nr_pages=8192 by key q, 8000 by key u',
    );
  });

  test('an active grant whose shared entry was changed', () => {
    const host = plainHost();
    const grant = { ref: 8, grantee: 0, mfn: 0x13ec28, pin: 2, frame: 0x2aaaa, status: 0x19 };
    host.tables[1] = { granter: 1, version: 1, frames: 1, grants: [grant] };
    const reading = mustRead(parse(printHost(host)));
    expect(reading.grantTables[1]?.entries[0]).toMatchObject({
      mfn: 0x13ec28,
      sharedFrame: 0x2aaaan,
    });
    expect(reading.contradictions[0]?.what).toContain('grant 0x008 of d1');
  });

  test('a xenheap page that is not listed', () => {
    const lines = printHost(plainHost()).filter((line) => !/XenPage 0+7a260/.test(line));
    expect(mustRead(parse(lines)).contradictions[0]?.what).toBe(
      'domain 1 has xenheap_pages=1, but 0 XenPage lines',
    );
  });
});

test('free memory by keys u, H and m', () => {
  const lines = [
    ...printHost(plainHost()),
    "(XEN) 'u' pressed -> dumping numa info (now = 1)",
    '(XEN) NODE0 start->0 size->1310720 free->1000',
    "(XEN) 'H' pressed -> dumping heap info (now = 2)",
    '(XEN) heap[node=0][zone=0] -> 0 pages',
    '(XEN) heap[node=0][zone=1] -> 1001 pages',
    '(XEN) Physical memory information:',
    '(XEN)     Xen heap: 0kB free',
    '(XEN)     heap[15]: 64512kB free',
    '(XEN)     Dom heap: 64513kB free',
  ];
  expect(mustRead(parse(lines)).contradictions.map(({ what }) => what)).toEqual([
    'key m: 64513 KiB are free, 64512 KiB in its zones',
    'node 0 has 1000 free pages by key u, 1001 by key H',
  ]);
});

describe('what is missing is refused with its place', () => {
  const host = plainHost();
  const without = (piece: string): string[] =>
    printHost(host).filter((line, index) => !(line.includes(piece) && index > 15));

  test.each(['refcnt=', 'nr_pages=', 'handle=', 'pause_flags=', 'frames (64 max)'])(
    'a lost line with %s',
    (piece) => {
      const [problem] = mustRefuse(parse(without(piece)));
      expect(problem).toMatchObject({ file: 'log', line: expect.any(Number) });
    },
  );

  test('a domain that only one dump has', () => {
    const lines = withPrefix([
      ...printQ([...host.domains, plainDomain(2)]),
      ...printG(host.tables),
      ...printE(host.ports),
      "'u' pressed -> x",
    ]);
    const problems = mustRefuse(parse(lines)).map(({ what }) => what);
    expect(problems).toEqual([
      'domain 2 is in the q dump, but has no readable grant table',
      'domain 2 is in the q dump, but has no readable event channels',
    ]);
  });
});
