/**
 * What xen#2 finds wrong with what it was handed, each said before the next
 * thing is touched (R44, Q8): the first finding, in words, with its sources.
 */
import { describe, expect, test } from 'vitest';
import { type Design, defaultDesign, without } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import type { PageContent } from '../../src/host/content.ts';
import { draftOf, FLAG } from '../../src/host/frame-table.ts';
import { mfn } from '../../src/host/ids.ts';
import { range, subtract } from '../../src/host/ranges.ts';
import { EARLY_FRAMES, type Restoring } from '../../src/liveupdate/boot.ts';
import { encodeBreadcrumb } from '../../src/liveupdate/breadcrumb.ts';
import { restoreTopics } from '../../src/liveupdate/restore/passes.ts';
import { contradiction } from '../../src/liveupdate/restore/verify.ts';
import { newUpdate, type Update, type UpdateEvent } from '../../src/liveupdate/update-state.ts';
import { updateStep } from '../../src/liveupdate/update-step.ts';
import { version } from '../support/updates.ts';

const host = mixedHost();
const domids = Object.keys(host.xen.domains).map(Number);
const of = (type: 'lu.park' | 'lu.save.domain' | `restore.${'0a' | '0b' | '0c' | '1' | '2'}`) =>
  domids.map((domid): UpdateEvent => ({ type, domid }));
const EVENTS: readonly UpdateEvent[] = [
  { type: 'kexec.load', build: host.xen.build, commandLine: 'console=com1' },
  { type: 'lu.request' },
  ...of('lu.park'),
  { type: 'lu.save.system' },
  ...of('lu.save.domain'),
  { type: 'lu.save.seal' },
  { type: 'lu.jump' },
  { type: 'xen2.boot' },
  { type: 'xen2.map-stream' },
  { type: 'xen2.reserve' },
  ...of('restore.0a'),
  ...of('restore.0b'),
  ...of('restore.0c'),
  ...of('restore.1'),
  ...of('restore.2'),
  { type: 'restore.system' },
  { type: 'restore.verify' },
];
type Step = UpdateEvent['type'];
const played = (u: Update, from: number, to: number): Update =>
  EVENTS.slice(from, to).reduce(updateStep, u);
const first = (type: Step): number => EVENTS.findIndex((e) => e.type === type);

/** The update right before the first event of a kind; played once for all tests. */
const before = new Map<string, Update>();
const at = (type: Step, design: Design = defaultDesign): Update => {
  const key = `${type} ${design === defaultDesign}`;
  const known = before.get(key) ?? played(newUpdate(host, version('4.17'), design), 0, first(type));
  before.set(key, known);
  return known;
};

/** What xen#2 says when `change` is made right before that event. */
const crashOf = (type: Step, change: (r: Restoring) => Restoring, design?: Design) => {
  const u = at(type, design);
  if (u.restoring === null) throw new Error(`xen#2 does not run before ${type}`);
  return played({ ...u, restoring: change(u.restoring) }, first(type), EVENTS.length).crash;
};
const content = (r: Restoring, change: Record<number, PageContent | undefined>): Restoring => ({
  ...r,
  hardware: { ...r.hardware, content: { ...r.hardware.content, ...change } as never },
});
const stream = (r: Restoring): NonNullable<Restoring['stream']> => {
  if (r.stream === null) throw new Error('no stream');
  return r.stream;
};

test('nothing is wrong with what it is handed', () => {
  expect(crashOf('xen2.boot', (r) => r)).toBeNull();
});

describe('at its entry (R23, R24, R26, F1.7)', () => {
  const withOption = (option: string) =>
    crashOf('xen2.boot', (r) => ({ ...r, xen: { ...r.xen, commandLine: option } }));

  test('it needs an option with an address that it can read', () => {
    expect(withOption('console=com1')).toEqual({
      what: 'no liveupdate= with an address',
      sources: ['R24', 'F1.6'],
    });
    expect(withOption('liveupdate=2M')?.what).toBe('no liveupdate= with an address');
    expect(withOption('liveupdate=3M@0x200000')).toEqual({
      what: 'liveupdate=3M@0x200000: the size must be a multiple of 2 MiB',
      sources: ['F1.7'],
    });
  });

  test('bootmem must be RAM, all of it', () => {
    const { start, count } = host.xen.bootmem;
    const found = crashOf('xen2.boot', (r) => ({
      ...r,
      hardware: { ...r.hardware, ram: [range(0, start + count - 1)] },
    }));
    expect(found).toEqual({ what: 'bootmem is not all RAM', sources: ['F1.7'] });
  });

  test('it takes early memory behind the breadcrumb, and may use the rest of bootmem', () => {
    const { start, count } = host.xen.bootmem;
    const { restoring } = at('xen2.map-stream');
    expect(restoring?.hardware.xenWrites.at(-1)).toEqual({
      frames: range(start + 1, EARLY_FRAMES),
      instance: 2,
      use: 'boot',
    });
    expect(restoring?.usable).toEqual([
      range(start, 1),
      range(start + 1 + EARLY_FRAMES, count - 1 - EARLY_FRAMES),
    ]);
  });
});

describe('on the way to the stream (R30 to R32)', () => {
  const { start } = host.xen.bootmem;
  const memory = at('xen2.map-stream').memory as NonNullable<Update['memory']>;
  const [firstPage = 0] = memory.dataFrames;

  test('no breadcrumb, or another magic', () => {
    expect(crashOf('xen2.map-stream', (r) => content(r, { [start]: undefined }))).toEqual({
      what: 'no breadcrumb at the start of bootmem',
      sources: ['R32'],
    });
    const data = encodeBreadcrumb({ arrayFrame: 1, pages: 1 }, false);
    const found = crashOf('xen2.map-stream', (r) =>
      content(r, { [start]: { kind: 'bytes', data } }),
    );
    expect(found).toEqual({ what: 'no breadcrumb: magic is 0x0 (R32)', sources: ['R32', 'F1.1'] });
  });

  test('more pages than RAM has are not looked for', () => {
    const pages = host.xen.frames.owner.length;
    const withPages = (n: number) => {
      const data = encodeBreadcrumb({ arrayFrame: memory.array.start, pages: n }, true);
      return crashOf('xen2.map-stream', (r) => content(r, { [start]: { kind: 'bytes', data } }));
    };
    expect(withPages(pages + 1)).toEqual({
      what: `the breadcrumb names ${pages + 1} pages, more than RAM has`,
      sources: ['R32'],
    });
    // As many could be, so these are looked for in the array, and not found.
    expect(withPages(pages)?.sources).toEqual(['R31']);
  });

  test('a page of the array, or of the stream, that is not what was written', () => {
    const frame = (f: number): string => `0x${f.toString(16)}`;
    const array = memory.array.start;
    expect(crashOf('xen2.map-stream', (r) => content(r, { [array]: undefined }))).toEqual({
      what: `the MFN array's page ${frame(array)} was overwritten`,
      sources: ['R30', 'R31'],
    });
    expect(crashOf('xen2.map-stream', (r) => content(r, { [firstPage]: undefined }))).toEqual({
      what: `stream page ${frame(firstPage)} was overwritten`,
      sources: ['R30', 'S28'],
    });
  });

  test('an entry of the array that is no frame', () => {
    const data = new Uint8Array(4096);
    new DataView(data.buffer).setBigUint64(0, 2n ** 28n, true);
    const found = crashOf('xen2.map-stream', (r) =>
      content(r, { [memory.array.start]: { kind: 'bytes', data } }),
    );
    expect(found).toEqual({
      what: 'entry 0 of the MFN array is no frame of this model',
      sources: ['R31'],
    });
  });

  test('a stream that its reader refuses, in the words of the reader', () => {
    const data = new Uint8Array(4096);
    const found = crashOf('xen2.map-stream', (r) =>
      content(r, { [firstPage]: { kind: 'bytes', data } }),
    );
    expect(found?.what).toBe('0x0: image marker is 0x0000000000000000, not 0xffffffffffffffff');
    expect(found?.sources.length).toBeGreaterThan(0);
  });
});

describe('before the heap opens (R22, R25)', () => {
  test('nothing is reserved without the stream', () => {
    const found = crashOf('xen2.reserve', (r) => ({ ...r, stream: null }));
    expect(found).toEqual({ what: 'the stream is not mapped', sources: ['section 11 rule 1'] });
  });

  test('what the stream names must be RAM', () => {
    const found = crashOf('xen2.reserve', (r) => {
      const [last] = host.hardware.ram.slice(-1);
      const end = (last?.start ?? 0) + (last?.count ?? 0);
      const shares = [{ frames: range(end, 1), what: 'a share' }];
      const globals = { ...stream(r).globals, DOMXEN_SHARES: { shares } };
      return { ...r, stream: { ...stream(r), globals } };
    });
    const end = host.xen.frames.owner.length;
    expect(found).toEqual({
      what: `frame 0x${end.toString(16)} of the stream is not RAM`,
      sources: ['R22'],
    });
  });

  test('the frame table lies in reusable memory or in bootmem, adjacent', () => {
    const full = crashOf('xen2.reserve', (r) => {
      const globals = { ...stream(r).globals, REGIONS: { reusable: [] } };
      return {
        ...r,
        usable: [range(host.xen.bootmem.start, 3)],
        stream: { ...stream(r), globals },
      };
    });
    expect(full).toEqual({ what: 'no 14 adjacent frames for the frame table', sources: ['R25'] });
  });

  test('and Xen itself needs some of what nobody uses', () => {
    const { xen } = host;
    const found = crashOf('xen2.reserve', (r) => ({
      ...r,
      // All that is free carries the stream.
      streamFrames: subtract(host.hardware.ram, [range(0, 1), xen.image, xen.bootmem]),
    }));
    expect(found?.sources).toEqual(['R22']);
    expect(found?.what).toContain('free frames for Xen itself');
  });
});

describe('domain by domain (R17, R22, F6.14)', () => {
  test('two domains cannot own one page (I8.1)', () => {
    const found = crashOf('restore.1', (r) => {
      const { domains } = stream(r);
      const [one, two] = [domains[1], domains[2]];
      if (one === undefined || two === undefined) throw new Error('no d1 or d2');
      const both = { ...domains, 2: { ...two, PAGES: one.PAGES } };
      return { ...r, stream: { ...stream(r), domains: both } };
    });
    expect(found?.what).toMatch(/^d2: frame 0x[0-9a-f]+ is not reserved, or somebody's already$/);
    expect(found?.sources).toEqual(['R22', 'I8.1']);
  });

  test('a domain that the stream does not hold has no passes', () => {
    const r = at('restore.0a').restoring as Restoring;
    expect(restoreTopics(r, 77, 1, defaultDesign)).toMatchObject({
      left: { what: 'the stream holds no d77', sources: ['R17'] },
    });
  });

  test.each([
    [
      'VIRQ_HANDLERS',
      { handlers: [{ virq: 8, domid: 77 }] },
      { what: 'VIRQ 8 goes to d77, not restored', sources: ['F6.14'] },
    ],
    [
      'IOMMU',
      undefined,
      { what: 'the IOMMU walks tables that the stream does not name', sources: ['R33', 'R34'] },
    ],
  ])('%s: what the system refers to must be there', (name, record, said) => {
    const found = crashOf('restore.system', (r) => {
      const globals = { ...stream(r).globals, [name]: record };
      return { ...r, stream: { ...stream(r), globals: globals as never } };
    });
    expect(found).toEqual(said);
  });

  test('a target that is not restored, and an IOMMU root that is no root', () => {
    const target = crashOf('restore.system', (r) => {
      const { domains } = stream(r);
      const one = domains[1] as NonNullable<(typeof domains)[number]>;
      const changed = { ...one, DOMAIN: { ...one.DOMAIN, target: 77 as never } };
      return { ...r, stream: { ...stream(r), domains: { ...domains, 1: changed } } };
    });
    expect(target).toEqual({ what: 'd1 targets d77, which is not restored', sources: ['F2.14'] });
    const root = host.hardware.iommuRoot as number;
    expect(crashOf('restore.system', (r) => content(r, { [root]: undefined }))).toEqual({
      what: "the IOMMU's root table was overwritten",
      sources: ['R33', 'S43'],
    });
  });
});

describe('the verification (section 11, rules 16 and 20)', () => {
  const shared = host.xen.domains[1]?.sharedInfo as number;

  test('counts that are not those of the references (I8.2)', () => {
    const found = crashOf('restore.verify', (r) => {
      const frames = draftOf(r.xen.frames);
      frames.generalCount[shared] = 7;
      return { ...r, xen: { ...r.xen, frames } };
    });
    expect(found).toEqual({
      what: `frame 0x${shared.toString(16)} counts 7/1, its references 1/1`,
      sources: ['I8.2', 'section 11 rule 20'],
    });
  });

  test('one page as two types at once (I8.5)', () => {
    const frames = draftOf(host.xen.frames);
    const l4 = host.xen.domains[1]?.vcpus[0]?.guestTable as number;
    frames.flags[l4] = ((frames.flags[l4] as number) & ~FLAG.typeMask) | 1;
    const found = contradiction({ ...host, xen: { ...host.xen, frames } }, version('4.17'));
    expect(found).toMatchObject({ sources: ['I8.5'] });
    expect(found?.what).toContain('is wanted as two types at once');
  });

  /** The host with other channels in d1. */
  const withPort = (change: (p: { remoteDomid: number; remotePort: number }) => object) => {
    const d = host.xen.domains[1];
    if (d === undefined) throw new Error('no d1');
    const [port, channel] = Object.entries(d.events.channels).find(
      ([, c]) => c.binding.state === 'interdomain',
    ) as [string, (typeof d.events.channels)[number]];
    const binding = change(channel.binding as never) as never;
    const channels = { ...d.events.channels, [port]: { ...channel, binding } };
    const domains = { ...host.xen.domains, 1: { ...d, events: { ...d.events, channels } } };
    return contradiction({ ...host, xen: { ...host.xen, domains } }, version('4.17'));
  };

  test('both ends of a pair must name each other (I6.1)', () => {
    expect(contradiction(host, version('4.17'))).toBeNull();
    for (const change of [
      (b: object) => ({ ...b, remotePort: 99 }),
      (b: object) => ({ ...b, remoteDomid: 77 }),
      () => ({ state: 'ipi' }),
    ])
      expect(withPort(change)).toMatchObject({ sources: ['I6.1', 'section 11 rule 16'] });
  });

  test('a domain with more references than holders (F2.14)', () => {
    const found = crashOf('restore.verify', (r) => {
      const d = r.xen.domains[1];
      const domains = { ...r.xen.domains, 1: { ...d, refcnt: 9 } as never };
      return { ...r, xen: { ...r.xen, domains } };
    });
    expect(found?.what).toMatch(/^d1: refcnt 9, holders \d$/);
    expect(found?.sources).toEqual(['F2.14']);
  });

  test('without R44 nobody looks; the stream is let go all the same', () => {
    const spoil = (r: Restoring): Restoring => {
      const d = r.xen.domains[1];
      return {
        ...r,
        xen: { ...r.xen, domains: { ...r.xen.domains, 1: { ...d, refcnt: 9 } as never } },
      };
    };
    const design = without(defaultDesign, 'R44');
    expect(crashOf('restore.verify', spoil, design)).toBeNull();
  });

  test('then the pages of the stream are free and dirty, and the breadcrumb is gone (F8.14)', () => {
    const u = at('restore.verify');
    const after = played(u, first('restore.verify'), EVENTS.length).restoring as Restoring;
    const memory = at('xen2.map-stream').memory as NonNullable<Update['memory']>;
    expect(after.streamFrames).toEqual([]);
    for (const f of [...memory.dataFrames, memory.array.start, host.xen.bootmem.start].map(mfn))
      expect([f, after.hardware.content[f]]).toEqual([f, undefined]);
    for (const f of memory.dataFrames)
      expect(after.xen.frames.flags[f]).toBe(FLAG.free | FLAG.needScrub);
  });
});
