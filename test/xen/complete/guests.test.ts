/** Where the parts of a given guest end up in the completed host. */
import { createReadStream } from 'node:fs';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { numericEntries } from '../../../src/host/codec.ts';
import { PTE, pte, pteFrame } from '../../../src/host/content.ts';
import { FLAG, hasFlag, typeOf } from '../../../src/host/frame-table.ts';
import type { Host } from '../../../src/host/host.ts';
import { forEachP2mEntry } from '../../../src/host/references.ts';
import { readCapture } from '../../../src/xen/capture/read-capture.ts';
import type { Reading } from '../../../src/xen/capture/reading.ts';
import { type CompletedHost, completeHost } from '../../../src/xen/complete/complete-host.ts';
import type { GivenGuest } from '../../../src/xen/complete/guests.ts';
import type { GuestImage, PvGuest } from '../../../src/xen/migration/guest-image.ts';
import { PageTables } from '../../../src/xen/migration/page-tables.ts';
import { readGuestSave } from '../../../src/xen/migration/read-guest.ts';
import { PFINFO, tableLevel } from '../../../src/xen/migration/record-types.ts';
import { checkTables } from '../../../src/xen/migration/table-check.ts';
import { PV1, PVHGRUB } from '../migration/real-streams.ts';
import { at } from './completing.ts';
import { expectConsistent } from './consistency.ts';

const guestOf = async (name: string): Promise<GuestImage> => {
  const guest = await readGuestSave(createReadStream(`test/fixtures/streams/${name}`));
  if (isLeft(guest)) throw new Error(guest.left.message);
  return guest.right;
};

const withGuests = async (
  guests: readonly GivenGuest[],
  changed: (reading: Reading) => Reading = (reading) => reading,
): Promise<CompletedHost> => {
  const reading = await readCapture('test/fixtures/real-xen/C-many-guests');
  if (isLeft(reading)) throw new Error(JSON.stringify(reading.left));
  const done = completeHost(changed(reading.right), { guests });
  if (isLeft(done)) throw new Error(done.left.map((e) => e.what).join('; '));
  expectConsistent(done.right.host);
  return done.right;
};

/** The frame of each pfn of a domain, as the M2P has it. */
const framesOf = (host: Host, domid: number): Map<number, number> => {
  const frames = new Map<number, number>();
  for (const [frame, pfn] of host.hardware.m2p.entries.entries())
    if (host.xen.frames.owner[frame] === domid && pfn !== 0xffff_ffff) frames.set(pfn, frame);
  return frames;
};

describe('the host of a capture with two real guests', async () => {
  const [pv, pvh] = [(await guestOf(PV1)) as PvGuest, await guestOf(PVHGRUB)];
  const { host, contradictions } = await withGuests([
    { name: 'pv1', source: PV1, guest: pv },
    { name: '6', source: PVHGRUB, guest: pvh },
  ]);
  const frames = framesOf(host, 1);

  test('still shows every count of the dump', () => {
    expect(contradictions).toEqual([]);
  });

  test('has every table where its pfn is, with its type, pin and entries', () => {
    expect([...frames.keys()].sort((a, b) => a - b)).toEqual([...pv.pages.pfns]);
    let added = 0;
    pv.pages.pfns.forEach((pfn, i) => {
      const type = pv.pages.types[i] as number;
      const frame = frames.get(pfn) as number;
      const level = tableLevel(type);
      if (level === 0) return;
      expect(typeOf(host.xen.frames, frame)).toBe(level);
      expect(hasFlag(host.xen.frames, frame, FLAG.pinned)).toBe(type > 8);
      const content = host.hardware.content[frame];
      if (content?.kind !== 'pagetable') throw new Error('no table');
      const wanted = new Uint32Array(512);
      pv.tables.present(pfn, (slot, flags, target) => {
        wanted[slot] = pte(frames.get(target) as number, PTE.present | (flags & PTE.rw));
      });
      content.entries.forEach((entry, slot) => {
        if (entry === wanted[slot]) return;
        // A page of Xen's that the dump shows mapped, in a slot that was free.
        expect([level, wanted[slot]]).toEqual([1, 0]);
        expect(hasFlag(host.xen.frames, pteFrame(entry), FLAG.xenheap)).toBe(true);
        added += 1;
      });
    });
    expect(added).toBe(3);
  });

  test('has counts that differ from those of the stream only where others refer to a page', () => {
    const { refs } = checkTables(pv);
    const outside = new Map<number, number>();
    const seen = (frame: number): void => {
      outside.set(frame, (outside.get(frame) ?? 0) + 1);
    };
    for (const d of Object.values(host.xen.domains))
      for (const [, map] of numericEntries(d.grants.maptrack)) {
        if (map.granter !== 1) continue;
        seen(at(host, 1).grants.active[map.ref]?.frame as number);
      }
    const { events, vcpus } = at(host, 1);
    for (const frame of events.fifoArray) seen(frame);
    for (const v of vcpus) if (v.fifo !== null) seen(v.fifo.control.frame);
    pv.pages.pfns.forEach((pfn, i) => {
      const frame = frames.get(pfn) as number;
      const more = outside.get(frame) ?? 0;
      expect(host.xen.frames.generalCount[frame]).toBe((refs.general[i] as number) + more);
      if (more === 0) expect(host.xen.frames.typeCount[frame]).toBe(refs.typeCount[i]);
      else expect(tableLevel(pv.pages.types[i] as number)).toBe(0);
    });
    expect(outside.size).toBeGreaterThan(3);
  });

  test('has the roots, descriptor tables and registers of the vCPU', () => {
    const [v] = at(host, 1).vcpus;
    expect(v).toMatchObject({
      guestTable: frames.get(5593),
      guestTableUser: frames.get(5573),
      gdtFrames: [frames.get(6667)],
      registers: { rip: 0xffff804b4c05, rdi: 2, rdx: 0x1026, atHypercall: false },
    });
    expect(at(host, 6).vcpus[0]?.registers).toMatchObject({ rip: 0x10108f, rax: 0x5f113573 });
  });

  test('has the P2M of the PVH guest, with the gfns that its grants show', () => {
    const d = at(host, 6);
    const gfns: number[] = [];
    forEachP2mEntry(host.hardware, d, (gfn, frame, type) => {
      expect([type, host.xen.frames.owner[frame]]).toEqual([0, 6]);
      gfns.push(gfn);
    });
    const wanted = [...pvh.pages.pfns].filter((_, i) => pvh.pages.types[i] === 0);
    expect(gfns.sort((a, b) => a - b)).toEqual(wanted);
    expect(d.hvmParams).toMatchObject({ 1: 0xfeffc, 17: 0xfefff });
    const grants = numericEntries(d.grants.active);
    expect(grants.length).toBeGreaterThan(0);
    const shown = host.hardware.content[d.grants.frames[0] as number];
    if (shown?.kind !== 'grant-v1') throw new Error('no grant frame');
    for (const [ref, { frame }] of grants)
      expect(host.hardware.m2p.entries[frame]).toBe(shown.entries[ref]?.frame);
  });
});

/** The tables of a guest without the entries that lead to these pfns. */
const unmapping = (guest: PvGuest, pfns: ReadonlySet<number>): PageTables => {
  const tables = new PageTables();
  guest.pages.pfns.forEach((pfn, i) => {
    if (tableLevel(guest.pages.types[i] as number) === 0) return;
    const words = new BigUint64Array(512);
    guest.tables.present(pfn, (slot, flags, target) => {
      if (!pfns.has(target)) words[slot] = BigInt(target) * 4096n + BigInt(flags & 0xfff);
    });
    tables.put(pfn, new Uint8Array(words.buffer), true);
  });
  return tables;
};

describe('the same host with a guest that has ballooned down', async () => {
  const pv = (await guestOf(PV1)) as PvGuest;
  const { refs } = checkTables(pv);
  /** Every ninth page that one entry maps was given back: holes all over its P2M. */
  const types = pv.pages.types.slice();
  const mapped = [...types.keys()].filter((i) => types[i] === 0 && refs.general[i] === 2);
  const given = mapped.filter((_, n) => n % 9 === 0);
  for (const i of given) types[i] = PFINFO.XTAB;
  const tables = unmapping(pv, new Set(given.map((i) => pv.pages.pfns[i] as number)));
  /** Its P2M goes on behind the last page that it may ever have. */
  const last = pv.pages.pfns.at(-1) ?? 0;
  const beyond = [last + 1, last + 512, 0x10_0000];
  const guest: PvGuest = {
    ...pv,
    tables,
    pages: {
      pfns: Float64Array.from([...pv.pages.pfns, ...beyond]),
      types: Uint8Array.from([...types, ...beyond.map(() => PFINFO.XTAB)]),
    },
  };
  const { host } = await withGuests([{ name: 'pv1', source: PV1, guest }], (reading) => ({
    ...reading,
    domains: reading.domains.map((d) =>
      d.domid === 1 ? { ...d, nrPages: d.nrPages - given.length } : d,
    ),
  }));

  test('has a frame for each page and none for a hole', () => {
    expect(checkTables(guest).contradictionCount).toBe(0);
    expect(given.length).toBeGreaterThan(100);
    const frames = framesOf(host, 1);
    const present = [...guest.pages.pfns].filter((_, i) => guest.pages.types[i] !== PFINFO.XTAB);
    expect([...frames.keys()].sort((a, b) => a - b)).toEqual(present);
    expect(at(host, 1).totPages).toBe(present.length);
  });

  test('is refused where it has other pages than the dump', async () => {
    const wrong = withGuests([{ name: 'pv1', source: PV1, guest }]);
    await expect(wrong).rejects.toThrow(`has ${8192 - given.length} pages, d1 has 8192`);
  });
});
