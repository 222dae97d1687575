/** Parts of the completion that can be wrong without the whole showing it. */
import { describe, expect, test } from 'vitest';
import { versionOf } from '../../../src/design/versions.ts';
import { emptyFrameTable, FLAG } from '../../../src/host/frame-table.ts';
import { type Mfn, mfn } from '../../../src/host/ids.ts';
import { range } from '../../../src/host/ranges.ts';
import { ASSUMPTIONS } from '../../../src/xen/complete/assumptions.ts';
import { createPool } from '../../../src/xen/complete/frame-pool.ts';
import { createNotes } from '../../../src/xen/complete/notes.ts';
import { decodeCount, decodeType } from '../../../src/xen/complete/page-words.ts';
import { buildPvTables, pvTablePages } from '../../../src/xen/complete/pv-tables.ts';

const nothing = { numa: undefined, heapZones: undefined, info: undefined };

describe('notes', () => {
  test('assumptions are kebab-case and fit 75 columns', () => {
    for (const [id, text] of Object.entries(ASSUMPTIONS)) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(text.length).toBeLessThanOrEqual(75);
      expect(text).toMatch(/^[\x20-\x7e]+$/);
    }
  });

  test('one entry an assumption, with its count and domids', () => {
    const notes = createNotes();
    notes.assume('weight', 1, 3);
    notes.assume('weight', 2, 1);
    notes.assume('weight', 4, 3);
    notes.assume('tsc', 0, 1);
    expect(notes.assumptions()).toEqual([
      { id: 'weight', text: ASSUMPTIONS.weight, count: 7, where: [1, 3] },
    ]);
  });

  test('of one kind in one domain eight contradictions are listed, the rest is counted', () => {
    const notes = createNotes();
    for (let i = 0; i < 20; i++) notes.contradict('grant-flags', 2, `d2 grant ${i}`);
    notes.contradict('grant-flags', 3, 'd3 grant 0');
    const texts = notes.contradictions().map((c) => c.text);
    expect(texts).toHaveLength(10);
    expect(texts.at(-1)).toBe('d2: and 12 more (grant-flags)');
  });
});

describe('page words', () => {
  const layout = versionOf('4.17')?.layout;
  if (layout === undefined) throw new Error('no 4.17');

  test('words of real dumps', () => {
    expect(decodeCount(layout, 0xc000000000000002n)).toEqual({
      allocated: true,
      xenHeap: true,
      extra: false,
      count: 2,
    });
    expect(decodeType(layout, 0xe400000000000002n)).toEqual({
      type: 7,
      pinned: false,
      partial: false,
      count: 2,
    });
  });

  test('the extra flag has its bit in each layout, and none in 4.11', () => {
    const is = (id: string, bit: bigint) => {
      const at = versionOf(id)?.layout;
      return at === undefined ? null : decodeCount(at, (1n << 63n) | (1n << bit) | 1n).extra;
    };
    expect([is('4.11', 54n), is('4.17', 54n), is('4.20', 54n), is('4.20', 61n)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});

describe('the pool of free frames', () => {
  const table = () => {
    const draft = emptyFrameTable(64);
    draft.flags.fill(FLAG.free);
    return draft;
  };

  test('hands out the highest frames first, each once, and then fewer', () => {
    const draft = table();
    draft.flags[63] = FLAG.reserved;
    const pool = createPool(draft, [range(0, 64)], nothing, []);
    expect([...pool.take(2)]).toEqual([62, 61]);
    expect([...pool.take(1)]).toEqual([60]);
    expect(pool.take(100)).toHaveLength(60);
    expect(pool.take(1)).toHaveLength(0);
    expect(draft.flags[10]).toBe(0);
  });

  test('takes used frames of a zone before its free ones, of the next before them', () => {
    const heapZones = [
      { node: 0, zone: 5, freePages: 14 },
      { node: 0, zone: 6, freePages: 30 },
    ];
    const pool = createPool(table(), [range(0, 64)], { ...nothing, heapZones }, []);
    // Zone 6 is 32 to 63, zone 5 is 16 to 31; what no line shows may all be taken.
    expect([...pool.take(4)]).toEqual([63, 62, 31, 30]);
    expect([...pool.take(2)]).toEqual([15, 14]);
    expect(pool.take(14)).toHaveLength(14);
    // Then free memory is taken, from the top.
    expect([...pool.take(1)]).toEqual([61]);
  });

  test('gives back as runs what is used and nobody took', () => {
    const heapZones = [{ node: 0, zone: 6, freePages: 20 }];
    const pool = createPool(table(), [range(32, 32)], { ...nothing, heapZones }, []);
    pool.take(2);
    const runs: [number, number][] = [];
    pool.takeRest((r) => runs.push([r.start, r.count]));
    expect(runs).toEqual([[52, 10]]);
  });

  test('lends free memory to the bootmem that the host did not have', () => {
    const heapZones = [{ node: 0, zone: 6, freePages: 32 }];
    const draft = table();
    draft.flags.fill(FLAG.reserved, 40, 48);
    const pool = createPool(draft, [range(32, 32)], { ...nothing, heapZones }, [range(40, 8)]);
    const runs: number[] = [];
    pool.takeRest((r) => runs.push(r.count));
    expect(runs).toEqual([]);
  });
});

describe('page tables made up', () => {
  const taker = (from: number): (() => Mfn | null) => {
    let next = from;
    return () => mfn(next++);
  };

  test('as many tables as the entries need', () => {
    expect([0, 1, 512, 513, 512 * 512, 512 * 512 + 1].map(pvTablePages)).toEqual([
      4, 4, 4, 5, 515, 517,
    ]);
  });

  test('tables and descriptor tables are mapped read-only, the rest writable', () => {
    const owned = Uint32Array.from({ length: 600 }, (_, i) => 1000 + i);
    const made = buildPvTables(owned, [{ frame: 5000, flags: 4 }], (f) => f === 1001, taker(1100));
    expect(made?.tables.map((t) => [t.frame, t.level, t.entries.length])).toEqual([
      [1100, 1, 512],
      [1101, 1, 89],
      [1102, 2, 2],
      [1103, 3, 1],
      [1104, 4, 1],
    ]);
    const entries = made?.tables.slice(0, 2).flatMap((t) => [...t.entries]) ?? [];
    const flagsAt = (frame: number) => entries.filter((e) => e >>> 4 === frame).map((e) => e & 15);
    expect([1000, 1001, 1100, 1104, 5000].map(flagsAt)).toEqual([[3], [1], [1], [1], [5]]);
    expect(made?.l4).toBe(1104);
  });

  test('none at all when pages are short', () => {
    let left = 3;
    const take = (): Mfn | null => (left-- > 0 ? mfn(left) : null);
    expect(buildPvTables(new Uint32Array(0), [], () => false, take)).toBeNull();
  });
});
