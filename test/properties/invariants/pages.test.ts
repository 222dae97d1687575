/** I8.1 to I8.5 and MEM-4 name the frame, and both values. */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../../src/host/build/build-host.ts';
import { addDomain } from '../../../src/host/build/domain.ts';
import { finish } from '../../../src/host/build/finish.ts';
import { mixedHost } from '../../../src/host/build/mixed-host.ts';
import { addPartialTable } from '../../../src/host/build/page-tables.ts';
import { DOMID_INVALID } from '../../../src/host/constants.ts';
import { PTE, pte } from '../../../src/host/content.ts';
import { FLAG } from '../../../src/host/frame-table.ts';
import type { Host } from '../../../src/host/host.ts';
import { PGT } from '../../../src/host/page-type.ts';
import { range } from '../../../src/host/ranges.ts';
import { version } from '../../support/updates.ts';
import {
  contentIn,
  domainOf,
  evidence,
  type LooseHost,
  ofEvidence,
  ofHost,
  ofUpdate,
  spoilt,
  updated,
  vcpuOf,
} from '../support/evidence.ts';

const hex = (n: number): string => `0x${n.toString(16)}`;

/** The first frame of the mixed host that d`id` owns with `has` of these flags and without `hasNot`. */
const frameOf = (id: number, has: number, hasNot = 0): number => {
  const { owner, flags } = mixedHost().xen.frames;
  for (let f = 0; f < owner.length; f++)
    if (owner[f] === id && ((flags[f] ?? 0) & has) === has && ((flags[f] ?? 0) & hasNot) === 0)
      return f;
  throw new Error(`d${id} has no such frame`);
};
const ordinary = (id: number): number =>
  frameOf(id, FLAG.allocated, FLAG.xenheap | FLAG.extra | FLAG.typeMask);
const L4 = mixedHost().xen.domains[1]?.vcpus[0]?.guestTable as number;
const SHARED_INFO = mixedHost().xen.domains[1]?.sharedInfo as number;
const M2P = mixedHost().hardware.m2p.frames.start;

describe('I8.1', () => {
  test.each<[string, number, number, string]>([
    ['a page that changes hands', ordinary(3), 2, 'owned by d3 -> d2'],
    ['a page that is given up', ordinary(2), DOMID_INVALID, 'owned by d2 -> nobody'],
    ['an M2P frame', M2P, DOMID_INVALID, 'owned by DOMID_XEN -> nobody'],
  ])('%s', async (_name, frame, owner, what) => {
    const findings = await ofUpdate('I8.1', (h) => {
      h.xen.frames.owner[frame] = owner;
    });
    expect(findings).toEqual([`frame ${hex(frame)}: ${what}`]);
  });

  test.each<[string, number, string]>([
    ['a page that comes to be out of its allowance', FLAG.extra, 'allocated -> allocated+extra'],
    ['one that is taken for broken', FLAG.broken, 'allocated -> allocated+broken'],
    ['one that is given up by its owner', FLAG.allocated, 'allocated -> released'],
  ])('%s', async (_name, flag, what) => {
    const frame = ordinary(3);
    const findings = await ofUpdate('I8.1', (h) => {
      h.xen.frames.flags[frame] = (h.xen.frames.flags[frame] ?? 0) ^ flag;
    });
    expect(findings).toEqual([`frame ${hex(frame)}: ${what}`]);
  });

  test('a free page that gets an owner', async () => {
    const free = mixedHost().xen.frames.flags as Uint16Array;
    const frame = free.lastIndexOf(FLAG.free);
    const findings = await ofUpdate('I8.1', (h) => {
      h.xen.frames.owner[frame] = 1;
    });
    expect(findings).toEqual([`frame ${hex(frame)}: owned by nobody -> d1`]);
  });

  test.each<[string, (h: LooseHost) => void, string]>([
    [
      'a frametable over a page of a domain',
      (h) => {
        h.xen.private = [{ use: 'frametable', frames: range(ordinary(2), 1) }];
      },
      `frame ${hex(ordinary(2))}: a page of d2, and xen#2 has allocated it`,
    ],
    [
      'an image over the M2P',
      (h) => {
        h.xen.image = range(M2P, 1);
      },
      `frame ${hex(M2P)}: part of the M2P, and xen#2 has allocated it`,
    ],
    [
      'bootmem over an IOMMU table',
      (h) => {
        h.xen.bootmem = range(h.xen.system.iommuFrames[0] ?? 0, 1);
      },
      'an IOMMU table, and xen#2 has allocated it',
    ],
  ])('%s', async (_name, spoil, finding) => {
    const [only, ...others] = await ofUpdate('I8.1', spoil);
    expect(only).toContain(finding);
    expect(others).toEqual([]);
  });
});

describe('I8.2', () => {
  const findingsOf = (spoil: (h: LooseHost) => void) => ofHost('I8.2', spoilt(spoil));

  test('each count of a frame', async () => {
    expect(
      await findingsOf((h) => {
        h.xen.frames.generalCount[L4] = 9;
      }),
    ).toEqual([`frame ${hex(L4)}: count 9, references 5`]);
    expect(
      await findingsOf((h) => {
        h.xen.frames.typeCount[L4] = 1;
      }),
    ).toEqual([`frame ${hex(L4)}: type count 1, references 3`]);
  });

  test('a type that the references do not ask for', async () => {
    const findings = await findingsOf((h) => {
      h.xen.frames.flags[SHARED_INFO] = FLAG.xenheap | FLAG.allocated | PGT.seg_desc;
    });
    expect(findings).toEqual([
      `frame ${hex(SHARED_INFO)}: is seg_desc, its references want writable`,
    ]);
  });

  test('counts of a free or reserved frame', async () => {
    const { image } = mixedHost().xen;
    const findings = await findingsOf((h) => {
      h.xen.frames.generalCount[image.start] = 1;
    });
    expect(findings).toEqual([`frame ${hex(image.start)}: count 1, references 0`]);
  });

  test('a table that is still validated, though nothing refers to it', async () => {
    const spoil = (h: LooseHost): void => {
      h.xen.frames.flags[ordinary(2)] = FLAG.allocated | FLAG.validated | PGT.l1;
    };
    expect(await findingsOf(spoil)).toEqual([
      `frame ${hex(ordinary(2))}: validated as l1 without a reference`,
    ]);
  });

  test('totals, domain references and counted P2M entries', async () => {
    const findings = await ofHost(
      'I8.2',
      spoilt((h) => {
        domainOf(h, 1).totPages++;
        domainOf(h, 2).xenheapPages--;
        domainOf(h, 3).refcnt = 7;
        const { p2m } = domainOf(h, 2);
        if (p2m !== null) Object.assign(p2m, { nrForeign: 1, ioreqServer: { id: 0, entries: 2 } });
      }),
      version('4.20'),
    );
    expect(findings).toEqual([
      'd1: tot_pages 65, owns 64',
      'd2: xenheap_pages 2, owns 3',
      'd2: nr_foreign 1, foreign entries 0',
      'd2: ioreq entry_count 2, entries 0',
      'd3: refcnt 7, holders 3',
    ]);
  });

  test('nr_foreign means nothing to a Xen that does not keep it (F8.20)', async () => {
    const spoil = (h: LooseHost): void => {
      const { p2m } = domainOf(h, 2);
      if (p2m !== null) p2m.nrForeign = 9;
    };
    expect(await findingsOf(spoil)).toEqual([]);
  });

  test('S21: counts copied from before XSA-299 are short after it', async () => {
    const draft = buildHost({ rules: { partialHoldsGeneralRef: false } });
    const d = addDomain(draft, { type: 'pv', pages: 32 });
    const table = addPartialTable(draft, d, { level: 2, children: [], validated: 0 });
    const host = finish(draft);
    expect(await ofHost('I8.2', host, version('4.11'))).toEqual([]);
    expect(await ofHost('I8.2', host, version('4.14'))).toEqual([
      `frame ${hex(table)}: count 2, references 3`,
    ]);
  });
});

describe('I8.3', () => {
  test('an M2P entry that names another gfn, or none', async () => {
    const frame = ordinary(2);
    const gfn = mixedHost().hardware.m2p.entries[frame] as number;
    for (const [entry, text] of [
      [gfn + 1, hex(gfn + 1)],
      [0xffff_ffff, '0xffffffff'],
    ] as const) {
      const host = spoilt((h) => {
        h.hardware.m2p.entries[frame] = entry;
      });
      expect(await ofHost('I8.3', host)).toEqual([
        `frame ${hex(frame)}: gfn ${hex(gfn)} of d2, the M2P says ${text}`,
      ]);
    }
  });

  test('pages of Xen, and of others, have no entry', async () => {
    const host = spoilt((h) => {
      h.hardware.m2p.entries[domainOf(h, 2).sharedInfo ?? 0] = 5;
    });
    expect(await ofHost('I8.3', host)).toEqual([]);
  });
});

describe('I8.4', () => {
  test.each<[string, (h: LooseHost) => void, string]>([
    [
      'shared_info',
      (h) => {
        contentIn(h, SHARED_INFO, 'shared_info').pending = [];
      },
      `frame ${hex(SHARED_INFO)}: a page of d1: shared_info differs at content.pending.0`,
    ],
    [
      'a page table',
      (h) => {
        contentIn(h, L4, 'pagetable').entries[0] = 0;
      },
      `frame ${hex(L4)}: a page of d1: pagetable differs at content.entries`,
    ],
    [
      'a page that is empty now',
      (h) => {
        delete h.hardware.content[SHARED_INFO];
      },
      `frame ${hex(SHARED_INFO)}: a page of d1: its shared_info is gone`,
    ],
    [
      'a page that was written',
      (h) => {
        h.hardware.content[ordinary(2)] = { kind: 'value', value: 1 };
      },
      `frame ${hex(ordinary(2))}: a page of d2: value was written into it`,
    ],
    [
      'hypervisor data over a page of which nothing is known',
      (h) => {
        h.hardware.xenWrites.push({ frames: range(ordinary(3), 1), instance: 2, use: 'boot' });
      },
      `frame ${hex(ordinary(3))}: a page of d3, overwritten by xen#2 (boot)`,
    ],
    [
      'an M2P entry',
      (h) => {
        h.hardware.m2p.entries[ordinary(3)] = 1;
      },
      `M2P of frame ${hex(ordinary(3))}:`,
    ],
    [
      "an L4 with xen#1's slots (S37)",
      (h) => {
        const content = h.hardware.content[L4];
        if (content?.kind === 'pagetable') h.hardware.content[L4] = { ...content, xenSlots: 1 };
      },
      `frame ${hex(L4)}: an L4 with slots of xen#1, and xen#2 runs`,
    ],
  ])('%s', async (_name, spoil, finding) => {
    const [only, ...others] = await ofUpdate('I8.4', spoil);
    expect(only).toContain(finding);
    expect(others).toEqual([]);
  });

  test("memory that is nobody's may be written", async () => {
    const free = (mixedHost().xen.frames.flags as Uint16Array).lastIndexOf(FLAG.free);
    const findings = await ofUpdate('I8.4', (h) => {
      h.hardware.content[free] = { kind: 'value', value: 1 };
      h.hardware.xenWrites.push({ frames: range(free, 1), instance: 2, use: 'heap' });
    });
    expect(findings).toEqual([]);
  });

  test('after a crash of xen#2 memory is still looked at, slots are not', async () => {
    const before = mixedHost();
    const after = spoilt((h) => {
      h.hardware.xenWrites.push({ frames: range(ordinary(3), 1), instance: 2, use: 'boot' });
    }, before);
    const crashed = evidence(before, after, { outcome: 'crashed' });
    expect(await ofEvidence('I8.4', crashed)).toEqual([
      `frame ${hex(ordinary(3))}: a page of d3, overwritten by xen#2 (boot)`,
    ]);
  });
});

describe('I8.5', () => {
  test('a table that somebody can write', async () => {
    const host = spoilt((h) => {
      const l1 = Object.keys(h.hardware.content)
        .map(Number)
        .find((f) => ((h.xen.frames.flags[f] ?? 0) & FLAG.typeMask) === PGT.l1);
      contentIn(h, l1, 'pagetable').entries[0] = pte(L4, PTE.present | PTE.rw);
    });
    const [only, ...others] = await ofHost('I8.5', host);
    expect(only).toMatch(
      new RegExp(`^frame ${hex(L4)}: is held as two types at once: .*entry .*pin .*cr3 of d1v0`),
    );
    expect(others).toEqual([]);
  });

  test('vcpu_info in a page table', async () => {
    const host = spoilt((h) => {
      vcpuOf(h, 1, 0).vcpuInfo = { frame: L4 as never, offset: 0 };
    });
    expect(await ofHost('I8.5', host)).toHaveLength(1);
  });
});

describe('MEM-4', () => {
  test('an M2P at another place, or with another owner', async () => {
    const { start, count } = mixedHost().hardware.m2p.frames;
    expect(
      await ofUpdate('MEM-4', (h) => {
        h.hardware.m2p.frames = range(start + 100, count);
      }),
    ).toEqual([`M2P: ${count} frames at ${hex(start)} -> ${count} at ${hex(start + 100)}`]);
    expect(
      await ofUpdate('MEM-4', (h) => {
        h.xen.frames.owner[start] = DOMID_INVALID;
      }),
    ).toEqual([`frame ${hex(start)}: of the M2P, owned by nobody`]);
  });
});

test('a host updated without a fault offends none of them', async () => {
  const before: Host = mixedHost();
  for (const id of ['I8.1', 'I8.4', 'MEM-4'])
    expect(await ofEvidence(id, evidence(before, updated(before))), id).toEqual([]);
});
