/** Dying domains and zombies. */
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { versionOf, type XenVersion } from '../../../src/design/versions.ts';
import { contentOf } from '../../../src/host/hardware.ts';
import { PGT } from '../../../src/host/page-type.ts';
import { explainFrame } from '../../../src/host/references.ts';
import { completeHost } from '../../../src/xen/complete/complete-host.ts';
import { at, completed, ids, rules } from './completing.ts';
import { expectConsistent } from './consistency.ts';
import {
  caf,
  channels,
  domain,
  grant,
  grantTable,
  page,
  port,
  reading,
  taf,
  xenPage,
} from './readings.ts';

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

  test('how far domain_kill got follows from what is left', () => {
    const phase = (
      xenheapPages: number,
      ports: Parameters<typeof channels>[1],
      grants: readonly ReturnType<typeof grantTable>[] = [],
    ) => {
      const dying = domain(5, {
        dying: 1,
        pauseCount: 1,
        xenheapPages,
        pages: xenheapPages === 0 ? [] : domain(5).pages,
      });
      const done = completed(
        reading({ domains: [domain(0), dying], channels: [channels(5, ports)], grants }),
      );
      const d = at(done.host, 5);
      return [d.teardown.phase, d.vcpus[0]?.guestTable === null];
    };
    expect(phase(2, [port(3, { kind: 'ipi' })])).toEqual(['none', false]);
    expect(phase(2, [])).toEqual(['evtchn', false]);
    expect(phase(0, [])).toEqual(['l4', true]);
    const mapped = [
      grantTable(0, [grant(8, 0x2000, { grantee: 5 })]),
      grantTable(5, [], { maptrackFrames: 1 }),
    ];
    expect(phase(2, [], mapped)).toEqual(['none', false]);
  });

  test('xenheap pages that are left are the last ones made: grant frames', () => {
    const left = (frames: number, ...pages: ReturnType<typeof xenPage>[]) => {
      const dead = { ...zombie, refcnt: 2, xenheapPages: pages.length };
      const done = completed(
        reading({
          domains: [domain(0), { ...dead, pages: [...zombie.pages, ...pages] }],
          grants: [grantTable(4, [grant(8, 0x2000)], { frames })],
        }),
      );
      const { sharedInfo, grants } = at(done.host, 4);
      return [sharedInfo, grants.frames];
    };
    const [a, b] = [0x3000, 0x3001].map((f) => xenPage(f, 1));
    if (a === undefined || b === undefined) throw new Error('no pages');
    expect(left(1, a, b)).toEqual([0x3000, [0x3001]]);
    expect(left(1, a)).toEqual([null, [0x3000]]);
    // Of two grant frames one is gone: which one is not shown.
    expect(left(2, a)).toEqual([null, []]);
  });

  test('a dead domain has nothing mapped', () => {
    const done = completed(
      reading({
        domains: [domain(0), zombie],
        grants: [grantTable(0, [grant(8, 0x2100, { grantee: 4 })])],
      }),
    );
    expect(at(done.host, 4).grants.maptrack).toEqual({});
    expect(done.contradictions.map((c) => c.text)).toContain(
      'd0 grant 0x8 is left out: its grantee d4 is dead',
    );
  });

  test('pinned and interrupted: the flag alone holds the table', () => {
    const partial = domain(5, {
      refcnt: 2,
      dying: 1,
      pauseCount: 1,
      nrPages: 1,
      xenheapPages: 0,
      domPagesOmitted: false,
      pages: [page('DomPage', 0x3000, caf(2), taf(PGT.l3, 1, true, true))],
    });
    const done = completed(
      reading({ domains: [domain(0), partial], grants: [grantTable(5, [], { frames: 0 })] }),
    );
    expect(done.contradictions).toEqual([]);
    expect(explainFrame(done.host, rules, 0x3000)).toEqual([
      'allocated (d5): general',
      'partial 0x3000[0]: general + type',
    ]);
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
