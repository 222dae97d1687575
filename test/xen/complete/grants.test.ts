/** Grant tables that no capture of the fixtures shows. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../../../src/host/hardware.ts';
import type { Reading } from '../../../src/xen/capture/reading.ts';
import { completeHost } from '../../../src/xen/complete/complete-host.ts';
import { at, completed } from './completing.ts';
import { domain, e820, grant, grantTable, reading, translated, xenPage } from './readings.ts';

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

  test('the highest version: of xl info, else of the command line, else 2', () => {
    const base = reading({ domains: [domain(0)] });
    const limit = (more: Partial<Reading>) =>
      completed({ ...base, ...more }).host.xen.build.gnttabMaxVersion;
    const info = {
      file: 'made',
      nrCpus: 1,
      nrNodes: 1,
      totalMemoryMiB: undefined,
      freeMemoryMiB: undefined,
      virtCaps: ['pv', 'gnttab-v1'],
      scheduler: undefined,
      commandLine: 'gnttab=max-ver:2',
    };
    const options = (commandLine: string) => ({ boot: { ...base.boot, commandLine } });
    expect(limit({ companions: { ...base.companions, info } })).toBe(1);
    expect(limit(options('console=com1 gnttab=transitive,max-ver:1'))).toBe(1);
    expect(limit(options('mygnttab=max-ver:1'))).toBe(2);
    expect(limit({})).toBe(2);
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
