import { createReadStream } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { contradictionLines } from '../../../src/xen/migration/contradiction-text.ts';
import { pageIndex } from '../../../src/xen/migration/page-list.ts';
import { PAGE_TYPE } from '../../../src/xen/migration/page-refs.ts';
import { readGuestSave } from '../../../src/xen/migration/read-guest.ts';
import { checkTables } from '../../../src/xen/migration/table-check.ts';
import { libxcStream, type Page, type Shape, SMALL_PV } from './build-stream.ts';

const guestOf = async (source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
  const guest = await readGuestSave(source);
  if (E.isLeft(guest)) throw new Error(JSON.stringify(guest.left));
  if (guest.right.type !== 'pv') throw new Error('not a PV guest');
  return guest.right;
};

const checked = async (shape: Shape) => {
  const guest = await guestOf([libxcStream(shape)]);
  const check = checkTables(guest);
  const refsOf = (pfn: number) => {
    const index = pageIndex(guest.pages, pfn);
    const { general, type, typeCount } = check.refs;
    return [general[index], type[index], typeCount[index]];
  };
  return {
    ...check,
    refsOf,
    linearOf: (pfn: number) => check.refs.linear(pageIndex(guest.pages, pfn)),
  };
};

/** The small guest with some pages replaced or added. */
const withPages = (...pages: readonly Page[]): Shape => ({
  ...SMALL_PV,
  pages: [...SMALL_PV.pages.filter(({ pfn }) => !pages.some((page) => page.pfn === pfn)), ...pages],
});

const RW = 3;
const RO = 1;

describe('references derived from page tables', () => {
  it('are those of F8.4 and F8.5', async () => {
    const { refsOf, contradictionCount, idleTables } = await checked(SMALL_PV);
    expect(contradictionCount).toBe(0);
    expect(idleTables).toEqual([]);
    // Allocated, mapped once writable.
    expect(refsOf(0)).toEqual([2, PAGE_TYPE.writable, 1]);
    // Allocated, pinned, loaded, mapped once read-only.
    expect(refsOf(1)).toEqual([4, PAGE_TYPE.l4, 2]);
    expect(refsOf(2)).toEqual([2, PAGE_TYPE.l3, 1]);
    expect(refsOf(3)).toEqual([2, PAGE_TYPE.l2, 1]);
    // Allocated, in the L2, mapped by itself.
    expect(refsOf(4)).toEqual([3, PAGE_TYPE.l1, 1]);
    // Allocated, GDT of the vCPU, mapped read-only.
    expect(refsOf(5)).toEqual([3, PAGE_TYPE.segDesc, 1]);
    expect(refsOf(6)).toEqual([3, PAGE_TYPE.writable, 2]);
    // An invalid pfn has no page.
    expect(refsOf(7)).toEqual([0, PAGE_TYPE.none, 0]);
  });

  it('count a user root and a second L4 that shares tables', async () => {
    const user = { pfn: 8, type: 4, entries: [[1, 2, RW]] as const };
    const { refsOf } = await checked({ ...withPages(user), userRoot: 8 });
    expect(refsOf(8)).toEqual([2, PAGE_TYPE.l4, 1]);
    expect(refsOf(2)).toEqual([3, PAGE_TYPE.l3, 2]);
    // The shared table is in use once: its entries count once.
    expect(refsOf(3)).toEqual([2, PAGE_TYPE.l2, 1]);
  });

  it('leave out tables that nothing refers to', async () => {
    const idle = { pfn: 8, type: 1, entries: [[0, 0, RW]] as const };
    const { refsOf, idleTables, contradictionCount } = await checked(withPages(idle));
    expect(idleTables).toEqual([8]);
    expect(refsOf(8)).toEqual([1, PAGE_TYPE.none, 0]);
    expect(refsOf(0)).toEqual([2, PAGE_TYPE.writable, 1]);
    expect(contradictionCount).toBe(0);
  });

  it('follow F8.6 for linear tables: a self reference counts nothing', async () => {
    const self = { pfn: 1, type: 0xc, entries: [[0, 2, RW] as const, [5, 1, RO] as const] };
    const alone = await checked(withPages(self));
    expect(alone.contradictionCount).toBe(0);
    expect(alone.refsOf(1)).toEqual([4, PAGE_TYPE.l4, 2]);
    const other = { pfn: 8, type: 0xc, entries: [[5, 1, RO] as const] };
    const two = await checked(withPages(other));
    expect(two.contradictionCount).toBe(0);
    expect(two.refsOf(1)).toEqual([5, PAGE_TYPE.l4, 3]);
    expect([two.linearOf(8), two.linearOf(1)]).toEqual([1, -1]);
  });
});

describe('tables that contradict the stated types', () => {
  const l1 = (...entries: NonNullable<Page['entries']>) => withPages({ pfn: 4, type: 1, entries });
  const cases: readonly (readonly [string, Shape, Readonly<Record<string, unknown>>])[] = [
    [
      'an L1 entry that maps a table writable',
      l1([7, 3, RW]),
      {
        kind: 'writable-table',
        rule: 'I8.5',
        tablePfn: 4,
        tableType: 1,
        slot: 7,
        targetPfn: 3,
        targetType: 2,
      },
    ],
    [
      'an L1 entry that maps the GDT writable',
      l1([8, 5, RW]),
      { kind: 'writable-gdt', rule: 'F8.3', tablePfn: 4, slot: 8, targetPfn: 5, targetType: 0 },
    ],
    [
      'an entry to a pfn that the stream does not have',
      l1([9, 0x999, RO]),
      { kind: 'no-page', tablePfn: 4, slot: 9, targetPfn: 0x999, targetType: undefined },
    ],
    [
      'an entry to an invalid pfn',
      l1([9, 7, RO]),
      { kind: 'no-page', tablePfn: 4, slot: 9, targetPfn: 7, targetType: 0xf },
    ],
    [
      'an L2 entry to a plain page',
      withPages({
        pfn: 3,
        type: 2,
        entries: [
          [0, 4, RW],
          [3, 6, RW],
        ],
      }),
      { kind: 'wrong-type', tablePfn: 3, tableType: 2, slot: 3, targetPfn: 6, targetType: 0 },
    ],
    [
      'an L2 entry that maps a large page',
      withPages({
        pfn: 3,
        type: 2,
        entries: [
          [0, 4, RW],
          [3, 6, RW | 0x80],
        ],
      }),
      { kind: 'large-page', tablePfn: 3, slot: 3, targetPfn: 6 },
    ],
    [
      'a linear entry that is writable',
      withPages({
        pfn: 1,
        type: 0xc,
        entries: [
          [0, 2, RW],
          [5, 1, RW],
        ],
      }),
      { kind: 'writable-linear', rule: 'F8.6', tablePfn: 1, tableType: 0xc, slot: 5, targetPfn: 1 },
    ],
    [
      'tables that use each other',
      withPages(
        { pfn: 8, type: 0xc, entries: [[5, 9, RO]] },
        { pfn: 9, type: 0xc, entries: [[5, 10, RO]] },
        { pfn: 10, type: 0xc, entries: [] },
      ),
      { kind: 'linear-both', rule: 'F8.6', tablePfn: 9, targetPfn: 9 },
    ],
    [
      'an entry in a slot of Xen',
      withPages({
        pfn: 1,
        type: 0xc,
        entries: [
          [0, 2, RW],
          [256, 2, RO],
        ],
      }),
      { kind: 'xen-slot', rule: 'F8.16', tablePfn: 1, slot: 256, targetPfn: 2 },
    ],
    [
      'a root that is none',
      { ...SMALL_PV, root: 2 },
      { kind: 'wrong-root', tablePfn: undefined, slot: 0, targetPfn: 2, targetType: 3 },
    ],
    [
      'a GDT that is a page table',
      { ...SMALL_PV, gdt: 3 },
      { kind: 'gdt-table', tablePfn: undefined, slot: 0, targetPfn: 3, targetType: 2 },
    ],
  ];

  it.each(cases)('are reported with the entry: %s', async (_name, shape, wanted) => {
    const { contradictions, contradictionCount } = await checked(shape);
    expect(contradictionCount).toBe(1);
    expect(contradictions).toMatchObject([wanted]);
  });

  it('are printed in 75 columns', async () => {
    const shape = l1([7, 3, RW]);
    const [first] = (await checked(shape)).contradictions;
    if (first === undefined) throw new Error('nothing found');
    expect(contradictionLines(first)).toEqual([
      'L1TAB at pfn 0x4, slot 7: (I8.5)',
      '  pfn 0x3 (L2TAB) is a page table, mapped writable',
    ]);
    const widest = {
      ...first,
      tablePfn: 2 ** 52 - 1,
      targetPfn: 2 ** 52 - 1,
      tableType: 0xc,
      targetType: 0xc,
    };
    const long = contradictionLines({ ...widest, kind: 'writable-linear', slot: 511 });
    for (const line of long) expect(line.length).toBeLessThanOrEqual(75);
  });

  it('are kept up to a bound and all counted', async () => {
    const table = (pfn: number): Page => ({
      pfn,
      type: 9,
      entries: Array.from({ length: 512 }, (_, slot) => [slot, 3, RW] as const),
    });
    const { contradictions, contradictionCount } = await checked(
      withPages(table(8), table(9), table(10)),
    );
    expect(contradictionCount).toBe(3 * 512);
    expect(contradictions.length).toBe(1000);
  });
});

describe('a real Linux guest', () => {
  const file = new URL('../../fixtures/streams/pv1-32M-tables.save.xz', import.meta.url);

  it('has tables that agree with its types, all of them in use', async () => {
    const guest = await guestOf(createReadStream(file));
    const { contradictionCount, idleTables, refs } = checkTables(guest);
    expect([contradictionCount, idleTables.length]).toEqual([0, 0]);
    const count = (type: number) =>
      refs.type.reduce((sum, other) => sum + Number(other === type), 0);
    expect([1, 2, 3, 4, 5, 7].map(count)).toEqual([12 + 26, 15, 77 + 1, 11, 1, 6270]);
  });

  it('no longer agrees when one stated type is changed', async () => {
    const guest = await guestOf(createReadStream(file));
    // An L4 is missed by nobody when its pin is all that refers to it.
    for (const type of [1, 2, 3, 9, 0xb]) {
      const index = guest.pages.types.indexOf(type);
      const types = guest.pages.types.slice();
      types[index] = 0;
      const { contradictions } = checkTables({ ...guest, pages: { ...guest.pages, types } });
      const pfn = guest.pages.pfns[index];
      expect(contradictions.some(({ targetPfn }) => targetPfn === pfn)).toBe(true);
    }
  });
});
