/** What the stream holds of a host, held against the host itself, frame by frame and leaf by leaf. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { domainAt } from '../../../src/host/build/draft.ts';
import { finish } from '../../../src/host/build/finish.ts';
import { mixedDraft, mixedHost } from '../../../src/host/build/mixed-host.ts';
import { addPartialTable, setOldGuestTable } from '../../../src/host/build/page-tables.ts';
import { numericKeys } from '../../../src/host/codec.ts';
import type { Domain } from '../../../src/host/domain.ts';
import { draftOf, FLAG, setFlag } from '../../../src/host/frame-table.ts';
import type { Host } from '../../../src/host/host.ts';
import { mfn } from '../../../src/host/ids.ts';
import { indexPages } from '../../../src/liveupdate/save/page-index.ts';
import { PAGE_KIND, PFINFO_MASK, PFINFO_PINNED } from '../../../src/stream/records/domain/pages.ts';
import { bytesOf, domainOf, saved, savedBytes, streamOf } from './saving.ts';

/** [frame, kind] of each page that PAGES names. */
const pagesOf = (host: Host, id: number): [number, number][] => {
  const { start, count, kind } = domainOf(host, id).PAGES.runs;
  return [...start].flatMap((from, i) =>
    Array.from({ length: count[i] as number }, (_, k): [number, number] => [
      from + k,
      kind[i] as number,
    ]),
  );
};

describe('ownership', () => {
  const host = mixedHost();
  const { frames } = host.xen;
  const owned = (id: number, xenheap: boolean): number[] =>
    [...(frames.owner as Uint16Array).keys()].filter(
      (f) =>
        frames.owner[f] === id && (((frames.flags[f] as number) & FLAG.xenheap) !== 0) === xenheap,
    );

  test.each(numericKeys(host.xen.domains))('d%i: each frame once, and no other', (id) => {
    expect(pagesOf(host, id).map(([f]) => f)).toEqual(owned(id, false));
    expect(domainOf(host, id).XENHEAP.pages.map((p) => p.frame)).toEqual(owned(id, true));
  });

  test.each(numericKeys(host.xen.domains))('d%i: the kind of each frame', (id) => {
    for (const [f, kind] of pagesOf(host, id)) {
      const flags = frames.flags[f] as number;
      const type = flags & 7;
      const isTable = type >= 1 && type <= 4;
      expect([f, kind & 7]).toEqual([f, isTable ? type : 0]);
      expect((kind & PFINFO_PINNED) !== 0).toBe((flags & FLAG.pinned) !== 0);
      expect((kind & PAGE_KIND.extra) !== 0).toBe((flags & (FLAG.extra | FLAG.pool)) !== 0);
      expect((kind & PAGE_KIND.released) !== 0).toBe((flags & FLAG.allocated) === 0);
    }
  });

  test('something of every kind was met', () => {
    const kinds = numericKeys(host.xen.domains).flatMap((id) =>
      pagesOf(host, id).map(([, k]) => k),
    );
    for (const level of [1, 2, 3, 4]) expect(kinds.some((k) => (k & 7) === level)).toBe(true);
    expect(kinds.some((k) => (k & PFINFO_PINNED) !== 0)).toBe(true);
    expect(kinds.some((k) => (k & PAGE_KIND.extra) !== 0)).toBe(true);
    expect(kinds.some((k) => (k & PAGE_KIND.released) !== 0)).toBe(true);
  });

  test('grant and status frames keep their order', () => {
    const { pages } = domainOf(host, 2).XENHEAP;
    const { grants, sharedInfo } = host.xen.domains[2] ?? {};
    const of = (role: string) =>
      pages
        .filter((p) => p.role === role)
        .toSorted((a, b) => a.index - b.index)
        .map((p) => p.frame);
    expect(of('grant')).toEqual(grants?.frames);
    expect(of('status')).toEqual(grants?.statusFrames);
    expect(of('shared_info')).toEqual([sharedInfo]);
    expect(pages.every((p) => p.writable && !p.released)).toBe(true);
  });

  test('one pass over the frame table serves all domains', () => {
    expect(numericKeys(Object.fromEntries(indexPages(frames)))).toEqual(
      numericKeys(host.xen.domains),
    );
  });
});

test('a table that is validated in part is a plain page, as is a deferred put of one (Q6)', () => {
  const draft = mixedDraft();
  const d1 = domainAt(draft, 1);
  const children = d1.tables[1].slice(0, 1);
  const table = addPartialTable(draft, d1, { level: 2, children, validated: 1 });
  setOldGuestTable(draft, d1, 0, table);
  const host = finish(draft);
  const flags = host.xen.frames.flags[table] as number;
  expect([flags & 7, flags & FLAG.partial, host.xen.frames.typeCount[table]]).toEqual([2, 256, 1]);
  const kind = pagesOf(host, 1).find(([f]) => f === table)?.[1] ?? -1;
  expect(kind & PFINFO_MASK).toBe(0);
});

test('a broken page is told of', () => {
  const host = mixedHost();
  const frames = draftOf(host.xen.frames);
  const plain = pagesOf(host, 1).find(([, kind]) => kind === 0)?.[0] ?? -1;
  setFlag(frames, plain, FLAG.broken);
  const broken = { ...host, xen: { ...host.xen, frames } };
  expect(pagesOf(broken, 1).find(([f]) => f === plain)?.[1]).toBe(0xd);
});

describe('a host that contradicts itself is not saved', () => {
  const withSharedInfo = (frame: number): Host => {
    const host = mixedHost();
    const d = host.xen.domains[1];
    if (d === undefined) throw new Error('no d1');
    const domains = { ...host.xen.domains, 1: { ...d, sharedInfo: mfn(frame) } };
    return { ...host, xen: { ...host.xen, domains } };
  };
  test.each([
    ['that is an ordinary page', () => pagesOf(mixedHost(), 1)[0]?.[0]],
    ['that is a grant frame too', () => mixedHost().xen.domains[1]?.grants.frames[0]],
    ["of another domain's", () => mixedHost().xen.domains[2]?.sharedInfo],
  ])('shared_info %s', (_, frame) => {
    const found = saved(withSharedInfo(frame() ?? -1));
    expect(isLeft(found) && found.left).toMatchObject({
      domid: 1,
      sources: ['F7.9', 'F8.12', 'R44'],
    });
  });
});

// --------------------------------------------------------------- leaf by leaf

type Path = readonly string[];

const leavesOf = (value: unknown, path: Path = []): [Path, unknown][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([k, v]) => leavesOf(v, [...path, k]))
    : [[path, value]];

const withLeaf = (value: unknown, path: Path, leaf: unknown): unknown => {
  const [head, ...rest] = path;
  if (head === undefined) return leaf;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  const slots = copy as Record<string, unknown>;
  slots[head] = withLeaf(slots[head], rest, leaf);
  return copy;
};

/** Another value of the same type; undefined where a leaf has no other that makes sense. */
const another = (leaf: unknown): unknown => {
  if (typeof leaf === 'number') return leaf + 1;
  if (typeof leaf === 'boolean') return !leaf;
  return undefined;
};

/**
 * Leaves of a domain that are not in the stream, each with the reason. A leaf
 * that is in neither this list nor the stream is lost by every update.
 */
const NOT_SAVED: readonly (readonly [RegExp, string])[] = [
  [/^(refcnt|totPages|xenheapPages|pauseCount)$/, 'a count, made anew (R20)'],
  [/^vcpus\.\d+\.pauseCount$/, 'a count, made anew (I2.1)'],
  [/^events\.(activeChannels|xenChannels)$/, 'a count, made anew (I6.2)'],
  [/^grants\.active\.\d+\.pins\./, 'a count, made anew from the maptracks (I7.1)'],
  [/^p2m\.(nrForeign|ioreqServer\.entries)$/, 'a count, made anew from the tables (F8.20)'],
  [/^vcpus\.\d+\.runningOn$/, 'a parked vCPU is on no CPU (F2.18)'],
  [/^vcpus\.\d+\.(deferShutdown|onWaitQueue|io\.)/, 'none at the boundary (I2.2, F3.18)'],
  [/^ioreqServers\.\d+\.vcpus\.\d+\.pending$/, 'none at the boundary (I9.1)'],
  [/^vcpus\.\d+\.virqToPort\./, 'follows from the ports (I6.3)'],
  [/^events\.nextEvtchn$/, 'dropped: the reset begins anew (Q4)'],
];
const reasonNotSaved = (path: string): string | null =>
  NOT_SAVED.find(([pattern]) => pattern.test(path))?.[1] ?? null;

describe('every leaf of a domain', () => {
  const host = mixedHost();
  const original = bytesOf(host);
  /** Another stream, or none: a leaf that makes the save fail has been looked at. */
  const matters = (id: number, path: Path, leaf: unknown): boolean => {
    const changed = withLeaf(host.xen.domains[id], path, leaf) as Domain;
    const domains = { ...host.xen.domains, [id]: changed };
    const bytes = savedBytes({ ...host, xen: { ...host.xen, domains } });
    return isLeft(bytes) || Buffer.compare(bytes.right, original) !== 0;
  };

  test.each([0, 1, 2, 3, 4])('d%i: is in the stream, or is named as one that need not be', (id) => {
    const seen = new Set<string>();
    let leaves = 0;
    for (const [path, leaf] of leavesOf(host.xen.domains[id])) {
      const other = another(leaf);
      const name = path.join('.');
      if (other === undefined) continue;
      leaves++;
      const reason = reasonNotSaved(name);
      if (reason !== null) seen.add(reason);
      expect([name, matters(id, path, other)]).toEqual([name, reason === null]);
    }
    expect(leaves).toBeGreaterThan(60);
    expect(seen.size).toBeGreaterThan(3);
  });

  test.each<[string, Path, unknown]>([
    ['type', ['type'], 'hvm'],
    ['name', ['name'], null],
    ['dying', ['dying'], 'dying'],
    ['shutdown state', ['shutdown', 'state'], 'in_progress'],
    ['target', ['target'], 0],
    ['suspend port', ['events', 'suspendPort'], 1],
    ['event ABI', ['events', 'abi'], 'fifo'],
    ['PIRQ', ['pirqs', '40'], 9],
    ['HVM parameter', ['hvmParams', '1'], 9],
    ['permission', ['iomem'], [[4, 5]]],
    ['poll port', ['vcpus', '0', 'pollPorts'], [1]],
    ['periodic timer', ['vcpus', '1', 'timers', 'periodic'], { period: 1, lastEvent: 2 }],
    ['vector to inject', ['vcpus', '0', 'injectVector'], 3],
    ['runstate area', ['vcpus', '0', 'runstateArea'], 4096],
    ['vcpu_info', ['vcpus', '0', 'vcpuInfo'], { frame: 700, offset: 0 }],
    ['blocked', ['vcpus', '0', 'pauseFlags'], 1],
    ['down', ['vcpus', '0', 'pauseFlags'], 2],
    ['being reset', ['vcpus', '0', 'pauseFlags'], 128],
    ['parked', ['vcpus', '0', 'pauseFlags'], 256],
    ['a pause of vm_event', ['pausers'], ['vm_event']],
  ])('d1: so is %s', (_, path, leaf) => {
    expect(matters(1, path, leaf)).toBe(true);
  });

  test.each<[string, Path, unknown]>([
    ['blocked in Xen', ['vcpus', '0', 'pauseFlags'], 4],
    ['migrating', ['vcpus', '0', 'pauseFlags'], 8],
    ["the update's own pause", ['pausers'], ['lu']],
    ['the phase of its teardown', ['teardown', 'phase'], 'l4'],
    ['a deferred put', ['vcpus', '0', 'oldGuestTable'], { frame: 700, partial: true }],
    ['features that nothing carries', ['unsupported'], ['argo']],
  ])("d1: but %s is xen#1's own", (_, path, leaf) => {
    expect(matters(1, path, leaf)).toBe(false);
  });
});

describe('nothing of the rest of xen#1', () => {
  const host = mixedHost();
  const original = bytesOf(host);

  test('not its page counts and flags of validation', () => {
    const frames = draftOf(host.xen.frames);
    for (let f = 0; f < frames.owner.length; f++) {
      if (frames.generalCount[f] !== 0) frames.generalCount[f] = (frames.generalCount[f] ?? 0) + 7;
      if (frames.typeCount[f] !== 0) frames.typeCount[f] = (frames.typeCount[f] ?? 0) + 9;
      setFlag(frames, f, FLAG.needScrub);
      frames.linear[f] = 3;
    }
    expect(bytesOf({ ...host, xen: { ...host.xen, frames } })).toEqual(original);
  });

  test('not its tasklets, callbacks, command line, heap and instance', () => {
    const { system } = host.xen;
    const other: Host = {
      ...host,
      xen: {
        ...host.xen,
        instance: 9,
        commandLine: 'other',
        private: host.xen.private.filter((p) => p.use === 'frametable'),
        system: { ...system, rcu: [{ kind: 'other', what: 'x' }], unsupported: ['x'] },
      },
    };
    expect(bytesOf(other)).toEqual(original);
  });

  test('not what guests hold in their memory (R6)', () => {
    expect(bytesOf({ ...host, hardware: { ...host.hardware, content: {} } })).toEqual(original);
  });
});

test('the TSC is told as it has run until the save', () => {
  const host = mixedHost();
  const d = host.xen.domains[1];
  if (d === undefined) throw new Error('no d1');
  const tsc = { ...d.tsc, offset: host.xen.now + 5 };
  const later = {
    ...host,
    xen: { ...host.xen, domains: { ...host.xen.domains, 1: { ...d, tsc } } },
  };
  expect(domainOf(later, 1).X86_TSC_INFO.nsec).toBe(-5);
  expect(domainOf(host, 1).X86_TSC_INFO.nsec).toBe(host.xen.now);
});

test('the same host gives the same bytes, however its objects came about', () => {
  expect(bytesOf(structuredClone(mixedHost()))).toEqual(bytesOf(mixedHost()));
  expect(streamOf(mixedHost()).bytes).toBe(bytesOf(mixedHost()).length);
});

test('what does not fit its field makes the save fail, with domain and field', () => {
  const host = mixedHost();
  const d = host.xen.domains[2];
  if (d === undefined) throw new Error('no d2');
  const domains = { ...host.xen.domains, 2: { ...d, name: 'x'.repeat(2000) } };
  expect(() => bytesOf({ ...host, xen: { ...host.xen, domains } })).toThrow(/DOMAIN.*name/);
});
