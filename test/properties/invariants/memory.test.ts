/** MEM-1, MEM-2, I8.6: what happens to memory step by step. */
import { describe, expect, test } from 'vitest';
import { dmaReach } from '../../../properties/support/dma.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { P2M_TYPE, p2mEntry, p2mFrame } from '../../../src/host/content.ts';
import type { Host } from '../../../src/host/host.ts';
import { range } from '../../../src/host/ranges.ts';
import {
  contentIn,
  domainOf,
  type LooseHost,
  ofHost,
  ofSteps,
  spoilt,
} from '../support/evidence.ts';

const writes = (start: number, count: number, instance = 2): Host =>
  spoilt((h) => {
    h.hardware.xenWrites.push({ frames: range(start, count), instance, use: 'boot' });
  });

describe('MEM-1', () => {
  const host = mixedHost();
  const { bootmem, image } = host.xen;
  const jumpTo = (after: Host) =>
    ofSteps('MEM-1', [
      { host, phase: 'saving' },
      { host: after, phase: 'jumped', type: 'xen2.boot' },
    ]);

  test('bootmem and the place of the old image may be written', async () => {
    expect(await jumpTo(writes(bootmem.start, bootmem.count + image.count))).toEqual([]);
  });

  test('anything else may not, however little of it', async () => {
    expect(await jumpTo(writes(bootmem.start - 1, 3))).toEqual([
      `frames 0x${(bootmem.start - 1).toString(16)} to 0x${(bootmem.start - 1).toString(16)}: ` +
        '1 written by xen#2 (boot) by xen2.boot',
    ]);
    expect(await jumpTo(writes(image.start + image.count, 2))).toHaveLength(1);
  });

  test('xen#1 wrote its own data long before, and with the stream read xen#2 may', async () => {
    expect(await jumpTo(writes(5, 1, 1))).toEqual([]);
    expect(
      await ofSteps('MEM-1', [
        { host, phase: 'saving' },
        { host: writes(5, 1), phase: 'restoring' },
      ]),
    ).toEqual([]);
  });
});

describe('MEM-2', () => {
  test.each<[string, (h: LooseHost) => number, string]>([
    ['a page of a domain', (h) => domainOf(h, 1).sharedInfo ?? 0, 'a page of d1 in bootmem'],
    ['a trace buffer', (h) => h.xen.system.traceBuffers[0] ?? 0, 'a page of DOMID_XEN in bootmem'],
    ['the M2P', (h) => h.hardware.m2p.frames.start, 'part of the M2P in bootmem'],
    ['an IOMMU table', (h) => h.xen.system.iommuFrames[0] ?? 0, 'an IOMMU table in bootmem'],
  ])('%s', async (_name, frame, what) => {
    let at = 0;
    const host = spoilt((h) => {
      at = frame(h);
      h.xen.bootmem = range(at, 1);
    });
    expect(await ofHost('MEM-2', host)).toEqual([`frame 0x${at.toString(16)}: ${what}`]);
  });

  test("a page in what was Xen's image (R29)", async () => {
    const { image } = mixedHost().xen;
    const host = spoilt((h) => {
      h.xen.frames.owner[image.start] = 2;
    });
    expect(await ofHost('MEM-2', host)).toEqual([
      `frame 0x${image.start.toString(16)}: a page of d2 in Xen's image`,
    ]);
  });

  test('the stream (S28)', async () => {
    const stream = (frame: number): Host =>
      spoilt((h) => {
        h.hardware.content[frame] = { kind: 'bytes', data: new Uint8Array(8) as never };
      });
    const { bootmem } = mixedHost().xen;
    const inBootmem = { host: stream(bootmem.start + 1), phase: 'saving', type: 'seal' } as const;
    expect(await ofSteps('MEM-2', [inBootmem])).toEqual([
      `frame 0x${(bootmem.start + 1).toString(16)}: stream or MFN array in bootmem ` +
        `(0x${bootmem.start.toString(16)}) at seal`,
    ]);
    expect(await ofSteps('MEM-2', [{ host: stream(bootmem.start - 1), phase: 'saving' }])).toEqual(
      [],
    );
    // The breadcrumb is there by design, and comes with the jump (R32).
    expect(await ofSteps('MEM-2', [{ ...inBootmem, phase: 'jumped' }])).toEqual([]);
  });
});

describe('I8.6', () => {
  const host = mixedHost();
  /** dom0's device has a table of its own, d3's walks the P2M. */
  const OWN = '0000:00:1f.2';
  const SHARED = '0000:03:00.0';
  const table = (h: LooseHost) => {
    const root = contentIn(h, h.hardware.iommuRoot, 'iommu-root');
    return contentIn(h, root.devices[OWN]?.table, 'iommu-table').entries;
  };
  const leaf = (h: LooseHost): Uint32Array => {
    const root = contentIn(h, domainOf(h, 3).p2m?.root, 'p2m-root');
    return contentIn(h, root.leaves[0], 'p2m-leaf').entries;
  };
  const afterwards = (
    spoil: (h: LooseHost) => void,
    phase: 'restoring' | 'quiescing' = 'restoring',
  ) =>
    ofSteps('I8.6', [
      { host, phase: 'saving' },
      { host: spoilt(spoil), phase, type: 'restore.2' },
    ]);

  test('what devices reach: their table, or RAM and maps of the P2M', () => {
    const reach = dmaReach(host.hardware);
    expect(reach.get(OWN)?.pages).toBe(8);
    // 64 pages, shared_info and one grant frame.
    expect(reach.get(SHARED)?.pages).toBe(66);
  });

  test.each<[string, (h: LooseHost) => void, string]>([
    [
      'a mapping that is missing',
      (h) => {
        const [first] = Object.keys(table(h)).map(Number);
        delete table(h)[first ?? 0];
      },
      `device ${OWN}: reached 8 pages at the save, 7 pages after restore.2`,
    ],
    [
      'a permission that changes',
      (h) => {
        const [first] = Object.keys(table(h)).map(Number);
        table(h)[first ?? 0] = (table(h)[first ?? 0] ?? 0) - 2;
      },
      `device ${OWN}: reached 8 pages at the save, as many but not the same after restore.2`,
    ],
    [
      'a P2M entry that goes read-only under a device',
      (h) => {
        leaf(h)[5] = p2mEntry(p2mFrame(leaf(h)[5] ?? 0), P2M_TYPE.ram_ro);
      },
      `device ${SHARED}: reached 66 pages at the save, as many but not the same after restore.2`,
    ],
    [
      'two frames that change places',
      (h) => {
        const entries = leaf(h);
        [entries[5], entries[6]] = [entries[6] ?? 0, entries[5] ?? 0];
      },
      `device ${SHARED}: reached 66 pages at the save, as many but not the same after restore.2`,
    ],
    [
      'a device without a context',
      (h) => {
        delete contentIn(h, h.hardware.iommuRoot, 'iommu-root').devices[OWN];
      },
      `device ${OWN}: reached 8 pages at the save, nothing at all after restore.2`,
    ],
  ])('%s', async (_name, spoil, finding) => {
    expect(await afterwards(spoil)).toEqual([finding]);
    expect(await afterwards(spoil, 'quiescing')).toEqual([]);
  });

  test('a root table that was overwritten, or a pointer that was cleared', async () => {
    const lost = (h: LooseHost): void => {
      delete h.hardware.content[h.hardware.iommuRoot ?? 0];
    };
    expect(await afterwards(lost)).toHaveLength(2);
    const cleared = spoilt((h) => {
      h.hardware.iommuRoot = null;
    });
    const steps = [
      { host, phase: 'saving' } as const,
      {
        host: { ...host, hardware: { ...host.hardware, iommuRoot: null } },
        phase: 'jumped',
      } as const,
      { host: cleared, phase: 'restoring' } as const,
    ];
    expect(await ofSteps('I8.6', steps)).toHaveLength(4);
  });
});
