/** Hosts that no capture of the fixtures shows. */
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { versionOf, type XenVersion } from '../../../src/design/versions.ts';
import { numericEntries } from '../../../src/host/codec.ts';
import { contentOf } from '../../../src/host/hardware.ts';
import type { Host } from '../../../src/host/host.ts';
import { PGT } from '../../../src/host/page-type.ts';
import { explainFrame } from '../../../src/host/references.ts';
import type { Reading } from '../../../src/xen/capture/reading.ts';
import { type CompletedHost, completeHost } from '../../../src/xen/complete/complete-host.ts';
import { expectConsistent } from './consistency.ts';
import {
  caf,
  channels,
  companion,
  domain,
  e820,
  fifoPort,
  grant,
  grantTable,
  page,
  port,
  reading,
  taf,
  translated,
  vcpu,
  xenPage,
} from './readings.ts';

const completed = (r: Reading): CompletedHost => {
  const done = completeHost(r);
  if (isLeft(done)) throw new Error(done.left.map((e) => e.what).join('; '));
  expectConsistent(done.right.host);
  return done.right;
};

const ids = (done: CompletedHost): string[] => done.assumed.map((a) => a.id);
const at = (host: Host, domid: number) => {
  const d = host.xen.domains[domid];
  if (d === undefined) throw new Error(`no d${domid}`);
  return d;
};
const rules = { partialHoldsGeneralRef: true };

describe('dying domains', () => {
  /** Dead, three pages left: one under a grant of dom0, two with references nothing shows. */
  const zombie = domain(4, {
    refcnt: 1,
    dying: 2,
    pauseCount: 1,
    nrPages: 3,
    xenheapPages: 0,
    domPagesOmitted: false,
    pages: [
      page('DomPage', 0x2000, caf(1, { allocated: false }), taf(7, 1)),
      page('DomPage', 0x2001, caf(2, { allocated: false }), taf(7, 1)),
      page('DomPage', 0x2002, caf(1, { allocated: false }), taf(0, 0)),
    ],
  });

  test('a zombie keeps its pages and counts', () => {
    const done = completed(
      reading({ domains: [domain(0), zombie], grants: [grantTable(4, [grant(8, 0x2000)])] }),
    );
    const d = at(done.host, 4);
    expect(done.contradictions).toEqual([]);
    expect([d.dying, d.teardown.phase, d.refcnt, d.totPages]).toEqual(['dead', 'done', 1, 3]);
    expect(d.pausers).toEqual(['dying']);
    const { generalCount, typeCount } = done.host.xen.frames;
    expect([generalCount[0x2001], typeCount[0x2001]]).toEqual([2, 1]);
    // The grant explains the first page; dom0 is assumed to map the others.
    expect(explainFrame(done.host, rules, 0x2000)).toEqual([
      'grant map of d0, handle 0: general + type',
    ]);
    expect(explainFrame(done.host, rules, 0x2001)).toHaveLength(2);
    expect(done.assumed.find((a) => a.id === 'foreign-maps')).toMatchObject({
      count: 3,
      where: [4],
    });
  });

  test('a count below what the grants need is a contradiction, with both numbers', () => {
    const done = completed(
      reading({
        domains: [domain(0), zombie],
        grants: [grantTable(4, [grant(8, 0x2002, { pin: 0x0201 })])],
      }),
    );
    expect(done.contradictions.filter((c) => c.id === 'page-count')).toMatchObject([
      { domid: 4, shown: 1, have: 3 },
    ]);
  });

  test('listed page tables of a dying PV domain get entries that fit their counts', () => {
    const pages = [
      page('DomPage', 0x3000, caf(3), taf(PGT.l4, 2, true)),
      page('DomPage', 0x3001, caf(3), taf(PGT.l3, 1)),
      page('DomPage', 0x3002, caf(2), taf(PGT.l2, 1)),
      page('DomPage', 0x3003, caf(2), taf(PGT.l1, 1)),
      page('DomPage', 0x3004, caf(2), taf(PGT.writable, 1)),
      page('DomPage', 0x3005, caf(2), taf(PGT.none, 0)),
      xenPage(0x3006, 2),
      xenPage(0x3007, 1),
    ];
    const done = completed(
      reading({
        domains: [
          domain(0),
          domain(5, { dying: 1, pauseCount: 1, nrPages: 6, domPagesOmitted: false, pages }),
        ],
        channels: [channels(5, [port(3, { kind: 'ipi' })])],
      }),
    );
    expect(done.contradictions).toEqual([]);
    const d = at(done.host, 5);
    expect(d.vcpus[0]?.guestTable).toBe(0x3000);
    const l1 = contentOf(done.host.hardware, 0x3003, 'pagetable');
    expect(l1?.entries).toHaveLength(4);
    expect(contentOf(done.host.hardware, 0x3000, 'pagetable')?.xenSlots).toBe(1);
  });

  test('a partially validated table holds what its flag holds in this version', () => {
    const made = (major: number, minor: number, count: number) =>
      reading(
        {
          domains: [
            domain(0),
            domain(5, {
              refcnt: 2,
              dying: 1,
              pauseCount: 1,
              nrPages: 1,
              xenheapPages: 0,
              domPagesOmitted: false,
              pages: [page('DomPage', 0x3000, caf(count), taf(PGT.l2, 1, false, true))],
            }),
          ],
          grants: [grantTable(5, [], { frames: 0 })],
        },
        { version: { file: 'made', line: 1, major, minor, text: `${major}.${minor}` } },
      );
    const after = completed(made(4, 17, 2));
    const before = completed(made(4, 11, 1));
    expect([after.contradictions, before.contradictions]).toEqual([[], []]);
    expect(before.host.xen.build.version).toBe('4.11');
    // The same dump under a Xen whose flag holds no reference: something else must hold it.
    const version = versionOf('4.11') as XenVersion;
    const other = completeHost(made(4, 17, 2), { version });
    if (isLeft(other)) throw new Error('no host');
    expectConsistent(other.right.host);
    expect([ids(after), ids(other.right)].map((l) => l.includes('foreign-maps'))).toEqual([
      false,
      true,
    ]);
  });
});

describe('memory', () => {
  test('a ballooned guest has as many pages as shown, not as it may have', () => {
    const done = completed(
      reading({
        domains: [domain(0), domain(1, { nrPages: 700, maxPages: 8448 })],
        companions: [companion(1, { maxMemKiB: 32768, targetMemKiB: 2800 })],
      }),
    );
    expect(done.contradictions).toEqual([]);
    expect([at(done.host, 1).totPages, at(done.host, 1).maxPages]).toEqual([700, 8448]);
  });

  test('pages lie on the NUMA nodes that key u names', () => {
    const place = { file: 'made', line: 1 };
    const nodes = [
      { node: 0, startPfn: 0, spannedPages: 0x10000, freePages: 0x8000 },
      { node: 1, startPfn: 0x10000, spannedPages: 0x10000, freePages: 0x9000 },
    ];
    const perNode = (domid: number, a: number, b: number) => ({
      ...place,
      domid,
      totalPages: a + b,
      perNode: [
        { node: 0, pages: a },
        { node: 1, pages: b },
      ],
    });
    const done = completed(
      reading(
        { domains: [domain(0), domain(1), domain(2)] },
        {
          memory: {
            numa: {
              nodes,
              cpus: [{ first: 0, last: 3, node: 0 }],
              domains: [perNode(0, 2048, 0), perNode(1, 48, 2000), perNode(2, 0, 2048)],
            },
            heapZones: undefined,
            info: undefined,
          },
        },
      ),
    );
    const { owner, flags } = done.host.xen.frames;
    const onNode1 = (id: number): number => {
      let n = 0;
      for (let f = 0x10000; f < owner.length; f++)
        if (owner[f] === id && ((flags[f] as number) & (1 << 4)) === 0) n++;
      return n;
    };
    expect([onNode1(0), onNode1(1), onNode1(2)]).toEqual([0, 2000, 2048]);
    expect(done.host.hardware.cpus).toBe(4);
    expect(ids(done)).toContain('ram-numa');
  });

  test('each zone keeps as many free pages as key H shows', () => {
    const zones = [
      { node: 0, zone: 14, freePages: 3000 },
      { node: 0, zone: 15, freePages: 10000 },
      { node: 0, zone: 16, freePages: 20000 },
    ];
    const done = completed(
      reading(
        { domains: [domain(0), domain(1)] },
        {
          boot: {
            ...reading({ domains: [] }).boot,
            e820: e820([0, 0x10000]),
            imageBase: 0x2000000n,
          },
          memory: { numa: undefined, heapZones: zones, info: undefined },
        },
      ),
    );
    const { flags } = done.host.xen.frames;
    const { bootmem, image } = done.host.xen;
    const freeIn = (lo: number, hi: number): number => {
      let n = 0;
      for (let f = lo; f < hi; f++) if (((flags[f] as number) & (1 << 10)) !== 0) n++;
      return n;
    };
    expect(image.start).toBe(0x2000);
    // Bootmem lies in zone 13 and below, so these zones are as shown.
    expect(bootmem.start + bootmem.count).toBe(0x2000);
    expect([freeIn(0x2000, 0x4000), freeIn(0x4000, 0x8000), freeIn(0x8000, 0x10000)]).toEqual([
      3000, 10000, 20000,
    ]);
    expect(ids(done)).toContain('heap-in-use');
  });

  test('without any map RAM reaches just beyond what is seen, with a hole below 4 GiB', () => {
    const done = completed(
      reading({ domains: [domain(0, { pages: [xenPage(0x13ffd6, 2), xenPage(0x7ffd6, 2)] })] }),
    );
    expect(ids(done)).toEqual(expect.arrayContaining(['ram-frames', 'pci-hole', 'low-hole']));
    const { ram } = done.host.hardware;
    expect(ram.at(-1)).toEqual({ start: 0x100000, count: 0x40000 });
    expect(ram.some((r) => r.start + r.count > 0x7ffd6 && r.start < 0x7ffd6)).toBe(true);
    expect(ram.some((r) => r.start <= 0xfffff && r.start + r.count > 0xfffff)).toBe(false);
  });

  test('the image goes elsewhere when known pages lie in it', () => {
    const made = (imageBase: bigint) =>
      completed(
        reading(
          { domains: [domain(0, { pages: [xenPage(0x7f8a0, 2), xenPage(0x10, 2)] })] },
          { boot: { ...reading({ domains: [] }).boot, e820: e820([0, 0x80000]), imageBase } },
        ),
      );
    const moved = made(0x7f800000n);
    expect(moved.contradictions.map((c) => c.id)).toEqual(['image-base']);
    expect(moved.host.xen.image.start).not.toBe(0x7f800);
    expect(ids(made(0x7fa00000n))).toContain('image-moved');
    expect(made(0x7f600000n).host.xen.image).toEqual({ start: 0x7f600, count: 512 });
  });

  test('RAM too small, hosts too large and versions too old are errors', () => {
    const small = reading(
      { domains: [domain(0, { nrPages: 20000 })] },
      { boot: { ...reading({ domains: [] }).boot, e820: e820([0, 0x4000]) } },
    );
    const kinds = (r: Reading, frameLimit?: number): string[] => {
      const done = completeHost(r, frameLimit === undefined ? {} : { frameLimit });
      return isRight(done) ? [] : done.left.map((e) => e.kind);
    };
    expect(kinds(small)).toEqual(['no-memory']);
    expect(kinds(reading({ domains: [domain(0, { nrPages: 2 ** 40 })] }))).toEqual(['too-large']);
    expect(kinds(reading({ domains: [domain(0)] }), 0x800)).toEqual(['too-large', 'too-large']);
    expect(
      kinds(
        reading(
          { domains: [domain(0)] },
          { version: { file: 'made', line: 1, major: 4, minor: 2, text: '4.2' } },
        ),
      ),
    ).toEqual(['unknown-version']);
    expect(kinds(reading({ domains: [] }))).toEqual(['no-domains']);
    expect(kinds(reading({ domains: [domain(1), domain(1)] }))).toEqual(['bad-domid']);
    expect(kinds(reading({ domains: [domain(0, { vcpus: [vcpu(1)] })] }))).toEqual(['bad-vcpus']);
  });

  test('an IOMMU in use has tables, nobody owns them', () => {
    const done = completed(
      reading(
        { domains: [domain(0)] },
        { boot: { ...reading({ domains: [] }).boot, iommu: true } },
      ),
    );
    const { iommuRoot } = done.host.hardware;
    const { iommuFrames } = done.host.xen.system;
    expect(iommuFrames).toHaveLength(2);
    expect(iommuRoot).toBe(iommuFrames[0]);
    const root = contentOf(done.host.hardware, iommuRoot ?? -1, 'iommu-root');
    expect(Object.values(root?.devices ?? {})).toEqual([{ domid: 0, table: iommuFrames[1] }]);
    const table = contentOf(done.host.hardware, iommuFrames[1] ?? -1, 'iommu-table');
    const { frames } = done.host.xen;
    for (const [dfn] of numericEntries(table?.entries ?? {})) {
      expect(frames.owner[dfn]).toBe(0);
      expect((frames.flags[dfn] as number) & 7).toBe(PGT.writable);
    }
    expect(Object.keys(table?.entries ?? {}).length).toBeGreaterThan(2000);
  });
});

describe('grants', () => {
  test('version 2: entries, status words and status frames', () => {
    const pages = [1, 2, 3, 4].map((i) => xenPage(0x3000 + i, 2));
    const entries = [
      grant(8, 0x2000, { status: 0x18, pin: 0x00010001 }),
      grant(260, 0x2001, { status: 0x08, pin: 0x0100 }),
    ];
    const done = completed(
      reading({
        domains: [domain(0), domain(1, { xenheapPages: 4, pages })],
        grants: [grantTable(1, entries, { version: 2, frames: 2 })],
      }),
    );
    expect(done.contradictions).toEqual([]);
    const { grants, sharedInfo } = at(done.host, 1);
    expect([sharedInfo, grants.frames, grants.statusFrames]).toEqual([
      0x3001,
      [0x3002, 0x3003],
      [0x3004],
    ]);
    const second = contentOf(done.host.hardware, 0x3003, 'grant-v2');
    expect(second?.entries[4]).toMatchObject({ flags: 1 | 4, domid: 0, frame: 0x2001 });
    expect(contentOf(done.host.hardware, 0x3004, 'grant-status')?.words).toEqual({
      8: 0x18,
      260: 0x08,
    });
    // A host and a device pin of one kind are one handle.
    expect(Object.values(at(done.host, 0).grants.maptrack)).toEqual([
      { granter: 1, ref: 8, flags: 3, vcpu: 0 },
      { granter: 1, ref: 260, flags: 2 | 4, vcpu: 0 },
    ]);
  });

  test('grants that no host can have are left out and listed', () => {
    const entries = [
      grant(8, 0x2000),
      grant(8, 0x2001),
      grant(9, 0x2002, { grantee: 7 }),
      grant(600, 0x2003),
      grant(10, 0x1000),
      grant(11, 0x90000),
    ];
    const done = completed(
      reading(
        { domains: [domain(0), domain(1)], grants: [grantTable(1, entries)] },
        { boot: { ...reading({ domains: [] }).boot, e820: e820([0, 0x10000]) } },
      ),
    );
    expect(Object.keys(at(done.host, 1).grants.active)).toEqual(['8']);
    expect(done.contradictions.map((c) => c.text)).toEqual([
      'd1 grant 0x8 is left out: it is listed twice',
      'd1 grant 0x9 is left out: its grantee d7 is not in key q',
      'd1 grant 0x258 is left out: the table has 1 frames',
      "d1 grant 0xa is left out: frame 0x1000 is d0's",
      'd1 grant 0xb is left out: frame 0x90000 is no RAM',
    ]);
  });

  test('more mappings than maptrack frames show', () => {
    const entries = Array.from({ length: 20 }, (_, i) => grant(8 + i, 0x2000 + i, { pin: 0x28 }));
    const done = completed(
      reading({
        domains: [domain(0), domain(1)],
        grants: [grantTable(0, [], { maptrackFrames: 1 }), grantTable(1, entries)],
      }),
    );
    expect(done.contradictions).toMatchObject([{ id: 'maptrack-frames', shown: 1, have: 2 }]);
    expect(Object.keys(at(done.host, 0).grants.maptrack)).toHaveLength(800);
  });

  test('more handles than memory could hold are an error', () => {
    const done = completeHost(
      reading({
        domains: [domain(0)],
        grants: [grantTable(0, [], { maptrackFrames: 2 ** 20 })],
      }),
    );
    expect(isLeft(done) && done.left.map((e) => e.kind)).toEqual(['too-many-mappings']);
  });

  test('a translated grantee has the grant in its P2M, its gfns as shown', () => {
    const done = completed(
      reading({
        domains: [domain(0), translated(1), translated(2)],
        grants: [
          grantTable(1, [grant(8, 0x2000, { grantee: 2, sharedFrame: 0xfefffn })]),
          grantTable(2, [], { maptrackFrames: 1 }),
        ],
      }),
    );
    expect(done.contradictions).toEqual([]);
    expect(done.host.hardware.m2p.entries[0x2000]).toBe(0xfefff);
    const root = contentOf(done.host.hardware, at(done.host, 2).p2m?.root ?? -1, 'p2m-root');
    const leaves = Object.values(root?.leaves ?? {}).map((f) =>
      contentOf(done.host.hardware, f, 'p2m-leaf'),
    );
    expect(leaves.some((l) => l?.entries.includes(0x2000 * 16 + 7))).toBe(true);
  });
});

describe('event channels', () => {
  const ipi = { kind: 'ipi' } as const;

  test('chains of linked ports become queues, each its own', () => {
    const ports = [
      fifoPort(1, ipi, 5),
      fifoPort(2, ipi, 1),
      fifoPort(3, { kind: 'virq', virq: 0 }, 0),
      fifoPort(4, ipi, 0),
      fifoPort(5, ipi, 0),
      fifoPort(6, ipi, undefined, { pending: true, masked: true }),
      fifoPort(1030, ipi, 0, { notifyVcpu: 1 }),
    ];
    const done = completed(
      reading({
        domains: [domain(0), domain(1, { vcpus: [vcpu(0), vcpu(1)] })],
        channels: [channels(1, ports)],
      }),
    );
    expect(done.contradictions).toEqual([]);
    const { vcpus, events } = at(done.host, 1);
    expect(events.fifoArray).toHaveLength(2);
    const heads = (v: number) => {
      const frame = vcpus[v]?.fifo?.control.frame ?? -1;
      return contentOf(done.host.hardware, frame, 'fifo-control')?.blocks[0]?.heads;
    };
    const words = contentOf(done.host.hardware, events.fifoArray[0] ?? -1, 'fifo-array')?.words;
    expect(
      heads(0)
        ?.map((h, p) => [p, h])
        .filter(([, h]) => h !== 0),
    ).toEqual([
      [0, 3],
      [6, 4],
      [7, 2],
    ]);
    expect(heads(1)?.[7]).toBe(1030);
    expect(vcpus[0]?.fifo?.tails[7]).toBe(5);
    expect([words?.[2], words?.[1], words?.[5]]).toEqual([0xa000_0001, 0xa000_0005, 0xa000_0000]);
    // Pending and masked, but on no queue: it stays so.
    expect(words?.[6]).toBe(0xc000_0000);
    expect(events.channels[1]?.lastQueue).toEqual({ vcpu: 0, priority: 7 });
    expect([events.channels[3]?.priority, events.channels[4]?.priority]).toEqual([0, 6]);
  });

  test('links that no queue can have are cut and listed', () => {
    const ports = [
      fifoPort(1, ipi, 2),
      fifoPort(2, ipi, 1),
      fifoPort(3, ipi, 9),
      fifoPort(4, ipi, 5),
      fifoPort(5, ipi),
      fifoPort(6, ipi, 8),
      fifoPort(7, ipi, 8),
      fifoPort(8, ipi, 0),
    ];
    const done = completed(
      reading({ domains: [domain(0), domain(1)], channels: [channels(1, ports)] }),
    );
    expect(done.contradictions.map((c) => c.text)).toEqual([
      'd1 port 3 links to port 9, which is on no queue with it',
      'd1 port 4 links to port 5, which is on no queue with it',
      'd1 port 7 links to port 8, which is on no queue with it',
      'd1 port 1 is on a queue without an end',
    ]);
  });

  test('2-level bits go to shared_info, with selectors and upcalls', () => {
    const ports = [
      port(1, ipi, { pending: true, link: { abi: '2l', selector: true } }),
      port(70, ipi, { pending: true, masked: true }),
    ];
    const done = completed(
      reading({
        domains: [
          domain(0),
          domain(1, { vcpus: [vcpu(0, { upcallPending: 1, upcallMask: 1, poll: 1 })] }),
        ],
        channels: [channels(1, ports)],
      }),
    );
    const d = at(done.host, 1);
    expect(contentOf(done.host.hardware, d.sharedInfo ?? -1, 'shared_info')).toMatchObject({
      pending: [1, 70],
      masked: [70],
      vcpus: { 0: { upcallPending: true, upcallMask: true, pendingSel: 1 } },
    });
    expect(d.vcpus[0]?.pollPorts).toEqual([1]);
  });

  test('an end without its other end waits unbound', () => {
    const done = completed(
      reading({
        domains: [domain(0), domain(1)],
        channels: [
          channels(0, [port(5, { kind: 'interdomain', remote: 1, remotePort: 2 })]),
          channels(1, [port(2, { kind: 'interdomain', remote: 0, remotePort: 6 })]),
        ],
      }),
    );
    expect(at(done.host, 0).events.channels[5]?.binding).toEqual({
      state: 'unbound',
      remoteDomid: 1,
    });
    expect(done.contradictions.map((c) => c.id)).toEqual(['port-peer', 'port-peer']);
  });

  test("one port for each VIRQ and PIRQ; reserved ports are the shim's", () => {
    const done = completed(
      reading({
        domains: [domain(0)],
        channels: [
          channels(0, [
            port(1, { kind: 'virq', virq: 0 }),
            port(2, { kind: 'virq', virq: 0 }),
            port(3, { kind: 'virq', virq: 3 }, { notifyVcpu: 9 }),
            port(4, { kind: 'pirq', pirq: 9, irq: 12 }),
            port(5, { kind: 'reserved' }),
          ]),
        ],
      }),
    );
    const d = at(done.host, 0);
    expect(Object.keys(d.events.channels)).toEqual(['1', '3', '4']);
    expect(d.vcpus[0]?.virqToPort).toEqual({ 0: 1, 3: 3 });
    expect(d.pirqs).toEqual({ 9: 12 });
    expect(d.unsupported).toEqual(['reserved event channels (PV shim)']);
  });
});

describe('domains', () => {
  const hvmPorts = (emulator: number) => [
    port(1, { kind: 'interdomain', remote: emulator, remotePort: 11 }, { xenConsumer: 1 }),
    port(2, { kind: 'interdomain', remote: emulator, remotePort: 12 }, { xenConsumer: 1 }),
    port(
      3,
      { kind: 'interdomain', remote: emulator, remotePort: 13 },
      { xenConsumer: 1, notifyVcpu: 1 },
    ),
  ];
  const peers = [1, 2, 3].map((p) =>
    port(10 + p, { kind: 'interdomain', remote: 3, remotePort: p }),
  );
  const hvm = translated(3, { vcpus: [vcpu(0), vcpu(1)] });

  test('an HVM guest with Xen-attached ports has an IOREQ server', () => {
    const done = completed(
      reading({
        domains: [domain(0), hvm],
        channels: [channels(0, peers), channels(3, hvmPorts(0))],
        companions: [companion(3, { type: 'hvm' })],
      }),
    );
    const [server] = Object.values(at(done.host, 3).ioreqServers);
    expect(server).toMatchObject({
      emulator: 0,
      bufioreqPort: 2,
      vcpus: { 0: { port: 1 }, 1: { port: 3 } },
    });
    expect(at(done.host, 3).events.xenChannels).toBe(3);
    expect(done.contradictions).toEqual([]);
    expect(explainFrame(done.host, rules, server?.ioreqPage ?? -1)).toHaveLength(3);
  });

  test('an HVM guest without them has none, and says so', () => {
    const done = completed(
      reading({ domains: [domain(0), hvm], companions: [companion(3, { type: 'hvm' })] }),
    );
    expect(at(done.host, 3).ioreqServers).toEqual({});
    expect(ids(done)).toContain('no-emulator');
  });

  test('a stub domain has its guest as target, which holds a reference', () => {
    const done = completed(
      reading({
        domains: [domain(0), domain(1), { ...hvm, refcnt: 4 }],
        channels: [channels(1, peers), channels(3, hvmPorts(1))],
        companions: [companion(3, { type: 'hvm' })],
      }),
    );
    expect(at(done.host, 1).target).toBe(3);
    expect(done.contradictions).toEqual([]);
  });

  test('a domain other than dom0 that binds a global VIRQ is its handler', () => {
    const done = completed(
      reading({
        domains: [domain(0), domain(2, { refcnt: 4 })],
        channels: [channels(2, [port(1, { kind: 'virq', virq: 3 })])],
      }),
    );
    expect(done.host.xen.system.virqHandlers).toEqual({ 3: 2 });
    expect(done.contradictions).toEqual([]);
  });

  test('a refcnt that no holder explains is a contradiction', () => {
    const done = completed(reading({ domains: [domain(0, { refcnt: 7 })] }));
    expect(done.contradictions).toMatchObject([{ id: 'refcnt', domid: 0, shown: 7, have: 3 }]);
  });

  test('shut down: by xl, by its code, by paused vCPUs, or not at all', () => {
    const paused = { vcpus: [vcpu(0, { pauseCount: 1 })] };
    const shutdownOf = (r: Reading) => {
      const { shutdown, vcpus } = at(completed(r).host, 1);
      return [shutdown.state, shutdown.code, vcpus[0]?.controllerPauseCount];
    };
    const one = (...companions: ReturnType<typeof companion>[]) =>
      reading({ domains: [domain(0), domain(1, paused)], companions });
    const NONE = 0xffff_ffff;
    expect(shutdownOf(one())).toEqual(['complete', 0, 0]);
    expect(shutdownOf(one(companion(1, { state: '---sc-' })))).toEqual(['complete', 3, 0]);
    expect(shutdownOf(one(companion(1, { shutdownReason: 2 })))).toEqual(['complete', 2, 0]);
    expect(shutdownOf(one(companion(1, { state: '-b----' })))).toEqual(['none', NONE, 1]);
    expect(shutdownOf(reading({ domains: [domain(0), domain(1)] }))).toEqual(['none', NONE, 0]);
  });

  test('a CPU runs one vCPU, and none that is paused', () => {
    const running = vcpu(0, { running: true });
    const done = completed(
      reading({
        domains: [
          domain(0, { vcpus: [running] }),
          domain(1, { vcpus: [running] }),
          domain(2, { vcpus: [{ ...running, cpu: 1 }], pauseCount: 1 }),
        ],
      }),
    );
    const cpus = Object.values(done.host.xen.domains).map((d) => d.vcpus[0]?.runningOn);
    expect(cpus).toEqual([0, null, null]);
    expect(done.contradictions.map((c) => c.text)).toEqual([
      'd1v0 is shown running, but CPU 0 runs another vCPU',
      'd2v0 is shown running, but it is paused',
    ]);
  });

  test('a PV guest that never ran maps no xenheap page', () => {
    const fresh = domain(1, { pauseCount: 1, pages: [xenPage(0x1002, 1), xenPage(0x1003, 1)] });
    const done = completed(reading({ domains: [domain(0), fresh] }));
    expect(at(done.host, 1).creationFinished).toBe(false);
    expect(at(done.host, 0).creationFinished).toBe(true);
    expect(done.contradictions).toEqual([]);
  });

  test('features that no record carries are named', () => {
    const odd = domain(1, {
      sharedPages: 1,
      pagedPages: 1,
      pod: { entries: 1, cacheSize: 0 },
      watchdogs: [{ id: 0, expiresInS: 3 }],
      paging: ['shadow', 'log_dirty'],
    });
    const done = completed(reading({ domains: [domain(0), odd] }));
    expect(at(done.host, 1).unsupported).toHaveLength(5);
    expect(at(done.host, 1).type).toBe('pv');
  });

  test('a PVH dom0 maps foreign pages in its P2M', () => {
    const done = completed(
      reading({
        domains: [
          translated(0),
          domain(4, {
            refcnt: 1,
            dying: 2,
            pauseCount: 1,
            nrPages: 1,
            xenheapPages: 0,
            domPagesOmitted: false,
            pages: [page('DomPage', 0x2000, caf(2, { allocated: false }), taf(0, 0))],
          }),
        ],
      }),
    );
    expect(done.contradictions).toEqual([]);
    expect(at(done.host, 0).p2m?.nrForeign).toBe(2);
  });
});
