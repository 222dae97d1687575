/** Pages coming, going and moving, the P2M, and PV page tables (F8). */
import { describe, expect, test } from 'vitest';
import { buildHost } from '../../src/host/build/build-host.ts';
import { addDomain } from '../../src/host/build/domain.ts';
import { domainAt, type HostDraft } from '../../src/host/build/draft.ts';
import { finish } from '../../src/host/build/finish.ts';
import { DOMID_INVALID, INVALID_M2P_ENTRY } from '../../src/host/constants.ts';
import { P2M_TYPE, PTE, pte } from '../../src/host/content.ts';
import { FLAG, flagsOf, hasFlag, typeOf } from '../../src/host/frame-table.ts';
import { contentOf } from '../../src/host/hardware.ts';
import { PGT } from '../../src/host/page-type.ts';
import { forEachP2mEntry } from '../../src/host/references.ts';
import { type World, world, xen } from './world.ts';

/** d0: PV, privileged; d1: PV; d2: PVH, privileged over d1 as its target. */
const start = (prepare: (draft: HostDraft) => void = () => undefined, id = '4.17'): World => {
  const version = xen(id);
  const draft = buildHost({ version: id, rules: version.countRules });
  addDomain(draft, { type: 'pv', pages: 40 });
  addDomain(draft, { type: 'pv', pages: 40, vcpus: 2 });
  addDomain(draft, { type: 'pvh', pages: 40 });
  domainAt(draft, 2).domain.target = domainAt(draft, 1).domain.domid;
  prepare(draft);
  return world(finish(draft), version);
};
const pv = { domid: 1, vcpu: 0 } as const;
const pvh = { domid: 2, vcpu: 0 } as const;

const framesOf = (w: World, domid: number): number[] => {
  const { owner } = w.host().xen.frames;
  return Array.from(owner as ArrayLike<number>, (_, f) => f).filter((f) => owner[f] === domid);
};
const tableOf = (w: World, domid: number, type: number): number =>
  framesOf(w, domid).find((f) => typeOf(w.host().xen.frames, f) === type) as number;
const freshPage = (w: World, domid: number): number => {
  const before = framesOf(w, domid);
  w.does({ type: 'memory.increase_reservation', domid, vcpu: 0 });
  return framesOf(w, domid).find((f) => !before.includes(f)) as number;
};
const p2m = (w: World, domid: number): Map<number, readonly [number, number]> => {
  const found = new Map<number, readonly [number, number]>();
  forEachP2mEntry(w.host().hardware, w.d(domid), (gfn, frame, type) =>
    found.set(gfn, [frame, type]),
  );
  return found;
};
const counts = (w: World, frame: number): [number, number] => [
  w.host().xen.frames.generalCount[frame] ?? -1,
  w.host().xen.frames.typeCount[frame] ?? -1,
];

describe('reservations', () => {
  test('populate: a page, its M2P entry, and a P2M entry if translated', () => {
    const w = start();
    w.does({ type: 'memory.populate_physmap', ...pvh, target: 2, gfn: 700 });
    const [frame, type] = p2m(w, 2).get(700) ?? [0, -1];
    expect(type).toBe(P2M_TYPE.ram_rw);
    expect(w.host().hardware.m2p.entries[frame]).toBe(700);
    expect(w.d(2).totPages).toBe(41);
    // gfn 700 needs a second leaf, from the paging pool.
    expect(w.d(2).p2m?.tableFrames).toHaveLength(3);
    w.does({ type: 'memory.populate_physmap', domid: 0, vcpu: 0, target: 1, gfn: 50 });
    expect(w.d(1).totPages).toBe(41);
  });

  test('populate is refused beyond max_pages, for strangers and for the dying', () => {
    const w = start((draft) => {
      domainAt(draft, 2).domain.maxPages = 40;
    });
    const populate = { type: 'memory.populate_physmap', ...pvh, target: 2, gfn: 700 } as const;
    w.refuses(populate, 'ENOMEM');
    w.refuses({ ...populate, domid: 1, target: 2 }, 'EPERM');
    w.refuses({ ...populate, target: 44 }, 'ESRCH');
    w.refuses({ ...populate, gfn: -1 }, 'EINVAL');
    w.does({ type: 'domctl.destroydomain', caller: 0, vcpu: 0, domid: 1 });
    w.refuses({ ...populate, target: 1 }, 'EINVAL');
  });

  test('out of memory is ENOMEM', () => {
    const w = start((draft) => {
      const { flags } = draft.frames;
      for (let f = 0; f < flags.length; f++)
        if (((flags[f] as number) & FLAG.free) !== 0) flags[f] = FLAG.reserved;
    });
    w.refuses({ type: 'memory.increase_reservation', ...pv }, 'ENOMEM');
  });

  test('decrease frees a page, and keeps one that is still mapped', () => {
    const w = start();
    const page = freshPage(w, 1);
    w.does({ type: 'memory.decrease_reservation', ...pv, gfn: page });
    expect(flagsOf(w.host().xen.frames, page)).toBe(FLAG.free | FLAG.needScrub);
    expect(w.host().xen.frames.owner[page]).toBe(DOMID_INVALID);
    const l1 = tableOf(w, 1, PGT.l1);
    w.does({ type: 'memory.decrease_reservation', ...pv, gfn: l1 });
    expect(hasFlag(w.host().xen.frames, l1, FLAG.allocated)).toBe(false);
    expect(w.host().xen.frames.owner[l1]).toBe(1);
    w.refuses({ type: 'memory.decrease_reservation', ...pv, gfn: 1 }, 'EINVAL');
  });

  test('exchange swaps the machine frame behind a pfn, of a page not in use', () => {
    const w = start();
    const page = freshPage(w, 1);
    const total = w.d(1).totPages;
    w.does({ type: 'memory.exchange', ...pv, gfn: page });
    expect(w.d(1).totPages).toBe(total);
    w.refuses({ type: 'memory.exchange', ...pv, gfn: tableOf(w, 1, PGT.l2) }, 'EINVAL');
    w.refuses({ type: 'memory.exchange', ...pv, gfn: 3 }, 'EINVAL');
  });
});

describe('physmap', () => {
  const add = { type: 'memory.add_to_physmap', ...pvh, gfn: 300, index: 0, foreign: 0 } as const;

  test('shared_info and grant frames have one place each, without a reference', () => {
    const w = start();
    const shared = w.d(2).sharedInfo as number;
    w.does({ ...add, space: 'shared_info' });
    expect([...p2m(w, 2)].filter(([, [f]]) => f === shared).map(([gfn]) => gfn)).toEqual([300]);
    expect(counts(w, shared)).toEqual([1, 1]);
    w.does({ ...add, gfn: 301, space: 'grant_table', index: 2 });
    expect(w.d(2).grants.frames).toHaveLength(3);
    expect(p2m(w, 2).get(301)?.[0]).toBe(w.d(2).grants.frames[2]);
    w.refuses({ ...add, space: 'grant_status' }, 'EINVAL');
    w.refuses({ ...add, space: 'grant_table', index: 500 }, 'EINVAL');
    w.refuses({ ...add, domid: 1, space: 'shared_info' }, 'EINVAL');
  });

  test('a foreign page gets a general reference, no type reference (F8.20)', () => {
    const w = start();
    const theirs = freshPage(w, 1);
    const foreign = { ...add, space: 'gmfn_foreign', index: theirs, foreign: 1 } as const;
    w.does(foreign);
    expect(counts(w, theirs)).toEqual([2, 0]);
    expect(w.d(2).p2m?.nrForeign).toBe(1);
    w.does({ type: 'memory.decrease_reservation', ...pv, gfn: theirs });
    expect(w.host().xen.frames.owner[theirs]).toBe(1);
    w.does({ type: 'memory.remove_from_physmap', ...pvh, gfn: 300 });
    expect(w.host().xen.frames.owner[theirs]).toBe(DOMID_INVALID);
    expect(w.d(2).p2m?.nrForeign).toBe(0);
    w.refuses({ ...foreign, foreign: 0, index: 5 }, 'EPERM');
    w.refuses({ ...foreign, foreign: 2 }, 'EINVAL');
    w.refuses({ ...foreign, foreign: 99 }, 'ESRCH');
    w.refuses({ ...foreign, index: 1 }, 'EINVAL');
    w.refuses({ type: 'memory.remove_from_physmap', ...pvh, gfn: 300 }, 'EINVAL');
  });

  test('what was at the place leaves the domain', () => {
    const w = start();
    const [frame = 0] = p2m(w, 2).get(5) ?? [];
    w.does({ ...add, gfn: 5, space: 'shared_info' });
    expect(w.host().xen.frames.owner[frame]).toBe(DOMID_INVALID);
    expect(w.host().hardware.m2p.entries[frame]).toBe(INVALID_M2P_ENTRY);
  });
});

describe('mmu.update', () => {
  const update = { type: 'mmu.update', ...pv } as const;
  const rw = (frame: number): number => pte(frame, PTE.present | PTE.rw);
  const ro = (frame: number): number => pte(frame, PTE.present);

  test('counts what an L1 entry maps, and lets the old one go', () => {
    const w = start();
    const page = freshPage(w, 1);
    const table = tableOf(w, 1, PGT.l1);
    w.does({ ...update, table, slot: 100, entry: rw(page) });
    expect(counts(w, page)).toEqual([2, 1]);
    w.does({ ...update, table, slot: 100, entry: ro(page) });
    expect(counts(w, page)).toEqual([2, 0]);
    w.does({ ...update, table, slot: 100, entry: 0 });
    expect(counts(w, page)).toEqual([1, 0]);
  });

  test('never makes a page table writable (I8.5), nor maps what is not the domain’s', () => {
    const w = start();
    const table = tableOf(w, 1, PGT.l1);
    const slot = 100;
    w.refuses({ ...update, table, slot, entry: rw(table) }, 'EINVAL');
    w.refuses({ ...update, table, slot, entry: ro(tableOf(w, 0, PGT.l1)) }, 'EPERM');
    w.refuses({ ...update, table, slot, entry: ro(w.host().hardware.m2p.frames.start) }, 'EPERM');
    w.refuses({ ...update, table, slot, entry: ro(200_000) }, 'EPERM');
    w.refuses({ ...update, table: tableOf(w, 0, PGT.l1), slot, entry: 0 }, 'EINVAL');
    w.refuses({ ...update, table, slot: 512, entry: 0 }, 'EINVAL');
    w.does({ ...update, table, slot, entry: ro(table) });
  });

  test('a privileged domain maps foreign pages, and the M2P read-only (F8.15, F8.21)', () => {
    const w = start();
    const theirs = freshPage(w, 1);
    const mine = { type: 'mmu.update', domid: 0, vcpu: 0, table: tableOf(w, 0, PGT.l1) } as const;
    const m2p = w.host().hardware.m2p.frames.start;
    w.does({ ...mine, slot: 100, entry: rw(theirs) });
    expect(counts(w, theirs)).toEqual([2, 1]);
    w.does({ ...mine, slot: 101, entry: ro(m2p) });
    w.refuses({ ...mine, slot: 102, entry: rw(m2p) }, 'EPERM');
  });

  test('a linear entry: read-only, to a validated table that is not linear itself (F8.6)', () => {
    const w = start();
    const l2 = tableOf(w, 1, PGT.l2);
    const second = freshPage(w, 1);
    const third = freshPage(w, 1);
    for (const gfn of [second, third])
      w.does({ type: 'guest.write-table', ...pv, gfn, entries: [rw(tableOf(w, 1, PGT.l1))] });
    w.does({ type: 'mmuext.pin', ...pv, level: 2, frame: second, entries: null });
    w.does({ type: 'mmuext.pin', ...pv, level: 2, frame: third, entries: null });
    w.refuses({ ...update, table: second, slot: 9, entry: rw(l2) }, 'EINVAL');
    w.does({ ...update, table: second, slot: 9, entry: ro(l2) });
    w.does({ ...update, table: second, slot: 10, entry: ro(second) });
    expect(w.host().xen.frames.linear).toEqual({ [second]: 1, [l2]: -1 });
    w.refuses({ ...update, table: third, slot: 9, entry: ro(second) }, 'EINVAL');
    w.refuses({ ...update, table: l2, slot: 9, entry: ro(third) }, 'EINVAL');
    w.does({ ...update, table: second, slot: 9, entry: 0 });
    expect(w.host().xen.frames.linear).toEqual({});
  });

  test('set_gdt takes and drops descriptor pages', () => {
    const w = start();
    const page = freshPage(w, 1);
    w.does({ type: 'mmu.set_gdt', ...pv, frames: [page] });
    expect(counts(w, page)).toEqual([2, 1]);
    const table = tableOf(w, 1, PGT.l1);
    w.refuses({ ...update, table, slot: 100, entry: rw(page) }, 'EINVAL');
    w.refuses({ type: 'mmu.set_gdt', ...pv, frames: Array(15).fill(page) }, 'EINVAL');
    w.refuses({ type: 'mmu.set_gdt', ...pv, frames: [table] }, 'EINVAL');
    w.does({ type: 'mmu.set_gdt', ...pv, frames: [] });
    expect(counts(w, page)).toEqual([1, 0]);
  });
});

describe('pinning', () => {
  /** A fresh page that holds entries for three L1 tables of the domain's own. */
  const prepare = (w: World): { table: number; leaves: number[] } => {
    const leaves = [0, 1, 2].map(() => {
      const gfn = freshPage(w, 1);
      w.does({ type: 'guest.write-table', ...pv, gfn, entries: [] });
      return gfn;
    });
    const table = freshPage(w, 1);
    const entries = leaves.map((f) => pte(f, PTE.present | PTE.rw));
    w.does({ type: 'guest.write-table', ...pv, gfn: table, entries });
    return { table, leaves };
  };
  const pin = { type: 'mmuext.pin', ...pv, level: 2 } as const;

  test('validates all the way down, and unpinning lets it all go', () => {
    const w = start();
    const { table, leaves } = prepare(w);
    w.does({ ...pin, frame: table, entries: null });
    expect(leaves.map((f) => typeOf(w.host().xen.frames, f))).toEqual([1, 1, 1]);
    expect(counts(w, table)).toEqual([2, 1]);
    w.refuses({ ...pin, frame: table, entries: null }, 'EINVAL');
    w.does({ type: 'mmuext.unpin', ...pv, frame: table, entries: null });
    expect(leaves.map((f) => counts(w, f))).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    w.refuses({ type: 'mmuext.unpin', ...pv, frame: table, entries: null }, 'EINVAL');
  });

  for (const [id, held] of [
    ['4.17', 1],
    ['4.11', 0],
  ] as const)
    test(`preempted on Xen ${id}: the flag holds ${held} general reference (F8.7, F8.8)`, () => {
      const w = start(undefined, id);
      const { table, leaves } = prepare(w);
      w.does({ ...pin, frame: table, entries: 2 });
      expect(w.host().xen.frames.partial).toEqual({
        [table]: { nrValidatedPtes: 2, partialSet: false },
      });
      expect(counts(w, table)).toEqual([1 + held, 1]);
      expect(leaves.map((f) => counts(w, f)[1])).toEqual([1, 1, 0]);
      w.does({ type: 'mmuext.pin-continue', ...pv });
      expect(hasFlag(w.host().xen.frames, table, FLAG.pinned | FLAG.validated)).toBe(true);
      expect(counts(w, table)).toEqual([2, 1]);

      w.does({ type: 'mmuext.unpin', ...pv, frame: table, entries: 1 });
      expect(w.v(1, 0).oldGuestTable).toEqual({ frame: table, partial: true });
      expect(leaves.map((f) => counts(w, f)[1])).toEqual([1, 0, 0]);
      w.does({ type: 'mm.put-old-table', ...pv });
      expect(counts(w, table)).toEqual([1, 0]);
      expect(w.v(1, 0).registers).toMatchObject({ rax: 0, atHypercall: false });
    });

  test('whose rest turns out invalid undoes its part and returns -EINVAL', () => {
    const w = start();
    const { table, leaves } = prepare(w);
    w.does({ ...pin, frame: table, entries: 1 });
    // Meanwhile the other vCPU makes a descriptor table of the last child.
    w.does({ type: 'mmu.set_gdt', domid: 1, vcpu: 1, frames: [leaves[2] as number] });
    w.does({ type: 'mmuext.pin-continue', ...pv });
    expect(w.v(1, 0).registers).toMatchObject({ rax: 2 ** 32 - 22, atHypercall: false });
    expect(counts(w, table)).toEqual([1, 0]);
    expect(counts(w, leaves[0] as number)).toEqual([1, 0]);
  });

  test('is refused for data, and for tables of another domain', () => {
    const w = start();
    w.refuses({ ...pin, frame: freshPage(w, 1), entries: null }, 'EINVAL');
    w.refuses({ ...pin, frame: tableOf(w, 0, PGT.l2), entries: null }, 'EINVAL');
    const table = freshPage(w, 1);
    const entries = [pte(tableOf(w, 1, PGT.l1), PTE.present | PTE.rw)];
    w.does({ type: 'guest.write-table', ...pv, gfn: table, entries });
    w.refuses({ ...pin, frame: table, level: 3, entries: null }, 'EINVAL');
  });

  test('cr3 takes a new L4 before the old one goes', () => {
    const w = start();
    const old = w.v(1, 0).guestTable as number;
    const l4 = freshPage(w, 1);
    const entries = [pte(tableOf(w, 1, PGT.l3), PTE.present | PTE.rw)];
    w.does({ type: 'guest.write-table', ...pv, gfn: l4, entries });
    w.does({ type: 'mmuext.new_baseptr', ...pv, frame: l4 });
    expect(contentOf(w.host().hardware, l4, 'pagetable')?.xenSlots).toBe(1);
    expect(counts(w, l4)).toEqual([2, 1]);
    w.does({ type: 'mmuext.new_user_baseptr', ...pv, frame: old });
    w.does({ type: 'mmuext.new_user_baseptr', ...pv, frame: 0 });
    expect(w.v(1, 0)).toMatchObject({ guestTable: l4, guestTableUser: null });
    const wrong = tableOf(w, 1, PGT.l1);
    w.refuses({ type: 'mmuext.new_baseptr', ...pv, frame: wrong }, 'EINVAL');
    w.refuses({ type: 'mmuext.new_user_baseptr', ...pv, frame: wrong }, 'EINVAL');
  });
});
