/** RAM, nodes, zones, the places of Xen, and readings that fit no host. */
import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { numericEntries } from '../../../src/host/codec.ts';
import { contentOf } from '../../../src/host/hardware.ts';
import { PGT } from '../../../src/host/page-type.ts';
import type { Reading } from '../../../src/xen/capture/reading.ts';
import { completeHost } from '../../../src/xen/complete/complete-host.ts';
import { at, completed, ids } from './completing.ts';
import { companion, domain, e820, reading, vcpu, xenPage } from './readings.ts';

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

  test('more pages shown free than there are is a contradiction', () => {
    const free = (freePages: number) =>
      completed(
        reading(
          { domains: [domain(0)] },
          {
            boot: { ...reading({ domains: [] }).boot, e820: e820([0, 0x10000]) },
            memory: {
              numa: undefined,
              heapZones: [{ node: 0, zone: 16, freePages }],
              info: undefined,
            },
          },
        ),
      ).contradictions.map((c) => [c.id, c.shown]);
    expect(free(100000)).toEqual([['free-pages', 100000]]);
    // What the assumed bootmem and tables take of free memory is no contradiction.
    expect(free(0xf000)).toEqual([]);
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
