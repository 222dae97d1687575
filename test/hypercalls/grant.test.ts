/** Grants: offered, mapped in all ways, copied, transferred, and tables that change (F7). */
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { defaultDesign } from '../../src/design/design.ts';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt, type HostDraft } from '../../src/host/build/draft.ts';
import { finish } from '../../src/host/build/finish.ts';
import { GNTMAP, GTF, SHUTDOWN } from '../../src/host/constants.ts';
import { P2M_TYPE, PTE, pteFrame } from '../../src/host/content.ts';
import { FLAG } from '../../src/host/frame-table.ts';
import { pinTotal } from '../../src/host/grant-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import { PGT } from '../../src/host/page-type.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import { type World, world, xen } from './world.ts';

/** d0 and d1: PV; d2: PVH; d3: PV with v2 grants. */
const start = (prepare: (draft: HostDraft) => void = () => undefined): World => {
  const draft = buildHost();
  addDomain(draft, { type: 'pv', pages: 40 });
  addDomain(draft, { type: 'pv', pages: 40, vcpus: 2 });
  addDomain(draft, { type: 'pvh', pages: 40 });
  addDomain(draft, { type: 'pv', pages: 40, grantVersion: 2 });
  prepare(draft);
  return world(finish(draft));
};

const framesOf = (w: World, domid: number, wanted: (flags: number) => boolean): number[] => {
  const { owner, flags } = w.host().xen.frames;
  return Array.from(owner as ArrayLike<number>, (_, f) => f).filter(
    (f) => owner[f] === domid && wanted(flags[f] ?? 0),
  );
};
/** The n-th page of a domain that is writable memory, by mfn. */
const memory = (w: World, domid: number, n: number): number => {
  const plain = (flags: number): boolean => (flags & (FLAG.xenheap | FLAG.extra)) === 0;
  const type = (flags: number): number => flags & FLAG.typeMask;
  return framesOf(w, domid, (f) => plain(f) && (type(f) === PGT.none || type(f) === PGT.writable))[
    n
  ] as number;
};
const l1Of = (w: World, domid: number): number =>
  framesOf(w, domid, (flags) => (flags & FLAG.typeMask) === PGT.l1)[0] as number;
const offerTo = (
  w: World,
  granter: number,
  ref: number,
  to: number,
  page: number,
  readonly = false,
) =>
  w.does({
    type: 'grant.offer',
    domid: granter,
    vcpu: 0,
    ref,
    to,
    gfn: page,
    readonly,
    offer: 'page',
  });
const counts = (w: World, frame: number): [number, number] => [
  w.host().xen.frames.generalCount[frame] ?? -1,
  w.host().xen.frames.typeCount[frame] ?? -1,
];
const flagsOf = (w: World, domid: number, ref: number): number =>
  contentOf(w.host().hardware, w.d(domid).grants.frames[0] ?? 0, 'grant-v1')?.entries[ref]?.flags ??
  0;
const IN_USE = GTF.reading | GTF.writing;

describe('grant.map', () => {
  test('host and device map of a PV page: two references, two pins, both bits (F7.5)', () => {
    const w = start();
    const page = memory(w, 1, 9);
    const before = counts(w, page);
    offerTo(w, 1, 8, 0, page);
    const at = l1Of(w, 0);
    w.does({
      type: 'grant.map',
      domid: 0,
      vcpu: 0,
      granter: 1,
      ref: 8,
      flags: GNTMAP.host_map | GNTMAP.device_map,
      at,
      slot: 100,
    });
    expect(counts(w, page)).toEqual([before[0] + 2, before[1] + 2]);
    expect(w.d(1).grants.active[8]).toMatchObject({
      pins: { hstw: 1, devw: 1, hstr: 0, devr: 0 },
      domid: 0,
      frame: page,
    });
    expect(flagsOf(w, 1, 8) & IN_USE).toBe(IN_USE);
    const entry = contentOf(w.host().hardware, at, 'pagetable')?.entries[100] ?? 0;
    expect([pteFrame(entry), entry & PTE.grant]).toEqual([page, PTE.grant]);
    const [handle] = Object.keys(w.d(0).grants.maptrack).map(Number);
    expect(w.d(0).grants.maptrack[handle as number]).toMatchObject({
      granter: 1,
      ref: 8,
      flags: 3,
    });

    const unmap = {
      type: 'grant.unmap',
      domid: 0,
      vcpu: 0,
      handle: handle as number,
      at,
      slot: 100,
    } as const;
    w.does({ ...unmap, parts: GNTMAP.device_map });
    expect(w.d(1).grants.active[8]?.pins).toMatchObject({ hstw: 1, devw: 0 });
    w.refuses({ ...unmap, parts: GNTMAP.device_map }, 'GNTST_bad_gntref');
    w.refuses({ ...unmap, parts: GNTMAP.host_map, slot: 101 }, 'GNTST_general_error');
    w.does({ ...unmap, parts: GNTMAP.host_map });
    expect(counts(w, page)).toEqual(before);
    expect(w.d(1).grants.active[8]).toBeUndefined();
    expect(flagsOf(w, 1, 8) & IN_USE).toBe(0);
    expect(w.d(0).grants.maptrackFree[0]?.at(-1)).toBe(handle);
    w.refuses({ ...unmap, parts: 3 }, 'GNTST_bad_handle');
  });

  test('a writable host map of a translated page takes no type reference (S55)', () => {
    const w = start();
    offerTo(w, 2, 8, 0, 9);
    const map = {
      type: 'grant.map',
      domid: 0,
      vcpu: 0,
      granter: 2,
      ref: 8,
      at: l1Of(w, 0),
      slot: 90,
    } as const;
    w.does({ ...map, flags: GNTMAP.host_map });
    const frame = w.d(2).grants.active[8]?.frame ?? 0;
    expect(counts(w, frame)).toEqual([2, 0]);
    w.does({ ...map, slot: 91, flags: GNTMAP.device_map });
    expect(counts(w, frame)).toEqual([3, 1]);
  });

  test('a translated mapper gets a P2M entry, and no device map', () => {
    const w = start();
    const page = memory(w, 1, 9);
    offerTo(w, 1, 8, 2, page, true);
    const map = {
      type: 'grant.map',
      domid: 2,
      vcpu: 0,
      granter: 1,
      ref: 8,
      at: 300,
      slot: 0,
    } as const;
    w.refuses({ ...map, flags: GNTMAP.device_map }, 'GNTST_general_error');
    w.refuses({ ...map, flags: GNTMAP.host_map }, 'GNTST_general_error');
    w.refuses({ ...map, flags: 0 }, 'GNTST_bad_gntref');
    w.does({ ...map, flags: GNTMAP.host_map | GNTMAP.readonly });
    const leaf = contentOf(w.host().hardware, w.d(2).p2m?.root ?? 0, 'p2m-root')?.leaves[0] ?? 0;
    const word = contentOf(w.host().hardware, leaf, 'p2m-leaf')?.entries[300] ?? 0;
    expect([word >>> 4, word & 15]).toEqual([page, P2M_TYPE.grant_map_ro]);
    const handle = Number(Object.keys(w.d(2).grants.maptrack)[0]);
    const unmap = { type: 'grant.unmap', domid: 2, vcpu: 0, handle, parts: 3, slot: 0 } as const;
    w.refuses({ ...unmap, at: 301 }, 'GNTST_general_error');
    w.does({ ...unmap, at: 300 });
  });

  test('is refused for a stranger, a wrong reference, a wrong domain', () => {
    const w = start();
    offerTo(w, 1, 8, 0, memory(w, 1, 9));
    const map = {
      type: 'grant.map',
      domid: 3,
      vcpu: 0,
      granter: 1,
      ref: 8,
      flags: 1,
      at: 0,
      slot: 0,
    } as const;
    w.refuses(map, 'GNTST_general_error');
    w.refuses({ ...map, ref: 600 }, 'GNTST_bad_gntref');
    w.refuses({ ...map, ref: 9 }, 'GNTST_general_error');
    w.refuses({ ...map, granter: 60 }, 'GNTST_bad_domain');
    w.refuses({ ...map, granter: 0x7ff2 }, 'GNTST_bad_domain');
  });

  test('the frame of the first pin stays, whatever the entry says later (F7.3)', () => {
    const w = start();
    const page = memory(w, 1, 9);
    offerTo(w, 1, 8, 0, page, true);
    const map = {
      type: 'grant.map',
      domid: 0,
      vcpu: 0,
      granter: 1,
      ref: 8,
      flags: 1 | GNTMAP.readonly,
      at: 0,
      slot: 0,
    } as const;
    w.does(map);
    w.refuses({ type: 'grant.revoke', domid: 1, vcpu: 0, ref: 8 }, 'not enabled');
    w.does(map);
    expect(w.d(1).grants.active[8]).toMatchObject({ frame: page, pins: { devr: 2 } });
    // The entry is read-only: a first writable pin reads it again.
    w.refuses({ ...map, flags: 1 }, 'GNTST_general_error');
  });

  test('an offer taken back in use stays mapped, and is gone with the last unmap (F7.3)', () => {
    const w = start();
    const slot = { domid: 0, vcpu: 0, at: l1Of(w, 0) } as const;
    for (const [granter, version] of [
      [1, 1],
      [3, 2],
    ] as const) {
      expect(w.d(granter).grants.version).toBe(version);
      const page = memory(w, granter, 9);
      const before = counts(w, page);
      const clear = { type: 'guest.invalidate-grant', domid: granter, vcpu: 0, ref: 8 } as const;
      w.refuses(clear, 'not enabled');
      offerTo(w, granter, 8, 0, page);
      // Nobody uses it: that is `grant.revoke`.
      w.refuses(clear, 'not enabled');
      const map = { type: 'grant.map', ...slot, granter, ref: 8, flags: GNTMAP.host_map } as const;
      w.does({ ...map, flags: GNTMAP.host_map | GNTMAP.readonly, slot: 300 });
      w.does(clear);
      w.refuses(clear, 'not enabled');
      // Pinned, so a reader needs no offer; a first writer does.
      w.does({ ...map, flags: GNTMAP.host_map | GNTMAP.readonly, slot: 301 });
      w.refuses({ ...map, slot: 302 }, 'GNTST_general_error');
      expect(w.d(granter).grants.active[8]).toMatchObject({ frame: page, pins: { hstr: 2 } });
      const handles = Object.keys(w.d(0).grants.maptrack).map(Number);
      const unmap = { type: 'grant.unmap', ...slot, parts: GNTMAP.host_map } as const;
      w.does({ ...unmap, handle: handles[0] as number, slot: 300 });
      w.does({ ...unmap, handle: handles[1] as number, slot: 301 });
      expect([w.d(granter).grants.active[8], counts(w, page)]).toEqual([undefined, before]);
      // Nothing is left of it: the reference can be offered again.
      offerTo(w, granter, 8, 0, page);
    }
  });

  test('stops at 255 pins, and without handles', () => {
    const w = start((draft) => {
      domainAt(draft, 3).domain.grants.maxMaptrackFrames = 0;
    });
    offerTo(w, 1, 8, 0, memory(w, 1, 9), true);
    offerTo(w, 1, 9, 3, memory(w, 1, 10), true);
    const map = {
      type: 'grant.map',
      domid: 0,
      vcpu: 0,
      granter: 1,
      ref: 8,
      flags: 5,
      at: 0,
      slot: 0,
    } as const;
    for (let i = 0; i < 255; i++) w.does(map);
    expect(pinTotal(w.d(1).grants.active[8]?.pins ?? { hstw: 0, hstr: 0, devw: 0, devr: 0 })).toBe(
      255,
    );
    w.refuses(map, 'GNTST_general_error');
    w.refuses({ ...map, domid: 3, ref: 9 }, 'GNTST_no_device_space');
  });

  test('unmapping what a vanished domain granted crashes the mapper (F7.6)', () => {
    const w = start();
    offerTo(w, 1, 8, 3, memory(w, 1, 9));
    w.does({ type: 'grant.map', domid: 3, vcpu: 0, granter: 1, ref: 8, flags: 1, at: 0, slot: 0 });
    const host = structuredClone(w.host());
    const handle = Number(Object.keys(w.d(3).grants.maptrack)[0]);
    delete (host.xen.domains as Record<number, unknown>)[1];
    const unmap = {
      type: 'grant.unmap',
      domid: 3,
      vcpu: 0,
      handle,
      parts: 1,
      at: 0,
      slot: 0,
    } as const;
    const ctx = { version: xen('4.17'), design: defaultDesign };
    const result = apply(host, unmap, ctx);
    if (isLeft(result)) throw new Error(JSON.stringify(result.left));
    expect(result.right.xen.domains[3]?.shutdown).toEqual({
      state: 'complete',
      code: SHUTDOWN.crash,
    });
  });
});

describe('grant.copy', () => {
  const copy = { type: 'grant.copy', domid: 0, vcpu: 0, granter: 1, ref: 8, into: false } as const;

  test('moves data and leaves no pin behind', () => {
    const w = start();
    const [theirs, ours] = [memory(w, 1, 9), memory(w, 0, 9)];
    offerTo(w, 1, 8, 0, theirs);
    w.does({ type: 'guest.write', domid: 1, vcpu: 0, gfn: theirs, value: 42 });
    w.does({ ...copy, gfn: ours });
    expect(contentOf(w.host().hardware, ours, 'value')?.value).toBe(42);
    w.does({ type: 'guest.write', domid: 0, vcpu: 0, gfn: ours, value: 43 });
    w.does({ ...copy, gfn: ours, into: true });
    expect(contentOf(w.host().hardware, theirs, 'value')?.value).toBe(43);
    expect(w.d(1).grants.active).toEqual({});
  });

  test('into a read-only grant or a page table is refused', () => {
    const w = start();
    offerTo(w, 1, 8, 0, memory(w, 1, 9), true);
    const gfn = memory(w, 0, 9);
    w.refuses({ ...copy, gfn, into: true }, 'GNTST_general_error');
    w.refuses({ ...copy, gfn: l1Of(w, 0) }, 'GNTST_permission_denied');
    w.refuses({ ...copy, gfn: 1 }, 'GNTST_general_error');
  });

  test('follows a transitive grant over one domain, no further (F7.7)', () => {
    const w = start();
    const page = memory(w, 1, 9);
    offerTo(w, 1, 8, 3, page, true);
    w.does({ type: 'guest.write', domid: 1, vcpu: 0, gfn: page, value: 7 });
    const offer = {
      type: 'grant.offer',
      domid: 3,
      vcpu: 0,
      to: 0,
      gfn: 0,
      readonly: true,
    } as const;
    w.does({ ...offer, ref: 8, offer: { domid: 1, ref: 8 } });
    w.does({ ...offer, ref: 9, to: 0, offer: { domid: 3, ref: 8 } });
    const gfn = memory(w, 0, 9);
    w.does({ ...copy, granter: 3, gfn });
    expect(contentOf(w.host().hardware, gfn, 'value')?.value).toBe(7);
    w.refuses({ ...copy, granter: 3, ref: 9, gfn }, 'GNTST_general_error');
  });
});

describe('grant.transfer', () => {
  test('moves a page that nothing else refers to', () => {
    const w = start();
    w.does({ type: 'memory.increase_reservation', domid: 1, vcpu: 0 });
    const { owner, typeCount, generalCount } = w.host().xen.frames;
    const page = Array.from(owner as ArrayLike<number>).findIndex(
      (o, f) => o === 1 && typeCount[f] === 0 && generalCount[f] === 1,
    );
    w.does({
      type: 'grant.offer',
      domid: 0,
      vcpu: 0,
      ref: 8,
      to: 1,
      gfn: 77,
      readonly: false,
      offer: 'transfer',
    });
    const transfer = {
      type: 'grant.transfer',
      domid: 1,
      vcpu: 0,
      gfn: page,
      to: 0,
      ref: 8,
    } as const;
    w.refuses({ ...transfer, gfn: memory(w, 1, 9) }, 'GNTST_bad_page');
    w.refuses({ ...transfer, ref: 9 }, 'GNTST_bad_gntref');
    w.refuses({ ...transfer, to: 50 }, 'GNTST_bad_domain');
    const [mine, theirs] = [w.d(1).totPages, w.d(0).totPages];
    w.does(transfer);
    expect([w.d(1).totPages, w.d(0).totPages]).toEqual([mine - 1, theirs + 1]);
    expect(w.host().xen.frames.owner[page]).toBe(0);
    expect(w.host().hardware.m2p.entries[page]).toBe(77);
  });
});

describe('the table', () => {
  test('grows up to its limit', () => {
    const w = start();
    w.does({ type: 'grant.setup_table', domid: 1, vcpu: 0, frames: 4 });
    expect(w.d(1).grants.frames).toHaveLength(4);
    w.refuses({ type: 'grant.setup_table', domid: 1, vcpu: 0, frames: 65 }, 'GNTST_general_error');
  });

  test('changes its version and keeps the eight reserved entries (F7.8)', () => {
    const w = start();
    offerTo(w, 1, 0, 0, memory(w, 1, 8));
    offerTo(w, 1, 8, 0, memory(w, 1, 9));
    const set = { type: 'grant.set_version', domid: 1, vcpu: 0 } as const;
    w.does({ type: 'grant.map', domid: 0, vcpu: 0, granter: 1, ref: 0, flags: 1, at: 0, slot: 0 });
    w.does({ ...set, version: 2 });
    const { grants } = w.d(1);
    expect(grants).toMatchObject({ version: 2, statusFrames: [expect.any(Number)] });
    const entries = contentOf(w.host().hardware, grants.frames[0] ?? 0, 'grant-v2')?.entries;
    expect(Object.keys(entries ?? {})).toEqual(['0']);
    const status = contentOf(w.host().hardware, grants.statusFrames[0] ?? 0, 'grant-status');
    expect(status?.words[0]).toBe(IN_USE);
    w.does({ ...set, version: 1 });
    expect(w.d(1).grants.statusFrames).toEqual([]);
    expect(flagsOf(w, 1, 0) & IN_USE).toBe(IN_USE);
  });

  test('keeps the bits of a reserved entry that was taken back in use, in either version', () => {
    const w = start();
    offerTo(w, 1, 0, 0, memory(w, 1, 8));
    w.does({ type: 'grant.map', domid: 0, vcpu: 0, granter: 1, ref: 0, flags: 1, at: 0, slot: 0 });
    w.does({ type: 'guest.invalidate-grant', domid: 1, vcpu: 0, ref: 0 });
    expect(flagsOf(w, 1, 0)).toBe(IN_USE);
    const set = { type: 'grant.set_version', domid: 1, vcpu: 0 } as const;
    w.does({ ...set, version: 2 });
    w.does({ ...set, version: 1 });
    expect(flagsOf(w, 1, 0)).toBe(IN_USE);
    const handle = Number(Object.keys(w.d(0).grants.maptrack)[0]);
    w.does({ type: 'grant.unmap', domid: 0, vcpu: 0, handle, parts: 1, at: 0, slot: 0 });
    expect(flagsOf(w, 1, 0)).toBe(0);
  });

  test('refuses a version while grants are pinned, unknown ones, and what v1 cannot hold', () => {
    const w = start((draft) => {
      domainAt(draft, 2).domain.config.maxGrantVersion = 1;
    });
    const set = { type: 'grant.set_version', domid: 1, vcpu: 0 } as const;
    w.refuses({ ...set, version: 3 }, 'EINVAL');
    w.refuses({ ...set, domid: 2, version: 2 }, 'ENOSYS');
    w.does({ ...set, version: 1 });
    offerTo(w, 1, 8, 0, memory(w, 1, 9));
    w.does({ type: 'grant.map', domid: 0, vcpu: 0, granter: 1, ref: 8, flags: 1, at: 0, slot: 0 });
    w.refuses({ ...set, version: 2 }, 'EBUSY');
    const offer = {
      type: 'grant.offer',
      domid: 3,
      vcpu: 0,
      ref: 1,
      to: 0,
      readonly: false,
    } as const;
    w.does({ ...offer, gfn: memory(w, 3, 9), offer: { offset: 0, length: 8 } });
    w.refuses({ ...set, domid: 3, version: 1 }, 'ERANGE');
  });
});
