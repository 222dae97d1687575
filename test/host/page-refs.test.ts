/** References that cannot be taken, each with its reason (F8.3 to F8.8). */
import { describe, expect, test } from 'vitest';
import { hostOf } from '../../properties/support/scenes.ts';
import { PTE, pte } from '../../src/host/content.ts';
import {
  draftOf,
  FLAG,
  type FrameTableDraft,
  hasFlag,
  setFlag,
  setType,
  typeOf,
} from '../../src/host/frame-table.ts';
import {
  getPage,
  getPageAndType,
  getPageType,
  getPartialTable,
  type PromotionContext,
} from '../../src/host/page-refs.ts';
import { type PageType, PGT } from '../../src/host/page-type.ts';

const host = hostOf(['pv']);
/** Ordinary pages of a domain. */
const of = (id: number): number[] => {
  const { frames } = host.xen;
  return Array.from({ length: frames.owner.length }, (_, f) => f).filter(
    (f) => frames.owner[f] === id && !hasFlag(frames, f, FLAG.xenheap | FLAG.pool),
  );
};
const [table = 0, other = 0, page = 0, third = 0] = of(0);
const [foreign = 0] = of(1);

/** Pages without types, with these tables in them; what was promoted to L4 goes to `l4s`. */
const context = (
  tables: Record<number, readonly number[]>,
  levels: Record<number, PageType> = {},
): PromotionContext & { readonly frames: FrameTableDraft; readonly l4s: number[] } => {
  const frames = draftOf(host.xen.frames);
  for (const f of [table, other, page, third, foreign]) {
    frames.flags[f] = FLAG.allocated;
    frames.generalCount[f] = 1;
    frames.typeCount[f] = 0;
  }
  const content = Object.fromEntries(
    Object.entries(tables).map(([f, entries]) => [
      f,
      { kind: 'pagetable', entries: Uint32Array.from(entries), xenSlots: null } as const,
    ]),
  );
  const l4s: number[] = [];
  return {
    frames,
    l4s,
    hardware: { ...host.hardware, content: { ...content, [page]: { kind: 'value', value: 1 } } },
    onL4: (f) => void l4s.push(f),
    knownLevel: (f) => levels[f] ?? PGT.none,
  };
};
/** Entries that hold nothing: beyond memory, of no RAM, not present, a grant's (F7.10). */
const NOTHING = [
  pte(0xfffff, PTE.present | PTE.rw),
  pte(host.xen.image.start, PTE.present | PTE.rw),
  pte(page, PTE.rw),
  pte(page, PTE.present | PTE.rw | PTE.grant),
];
const hex = (n: number): string => `0x${n.toString(16)}`;
const counts = ({ frames }: { frames: FrameTableDraft }, f: number): [number, number, number] => [
  frames.generalCount[f] as number,
  frames.typeCount[f] as number,
  typeOf(frames, f),
];
const rw = (f: number): number => pte(f, PTE.present | PTE.rw);
const ro = (f: number): number => pte(f, PTE.present);

describe('get_page', () => {
  test.each([
    ['beyond memory', host.xen.frames.owner.length],
    ['of Xen', host.xen.image.start],
    ['in the heap', (host.xen.frames.flags as Uint16Array).indexOf(FLAG.free)],
  ])('fails of a frame %s', (_, frame) => {
    const { frames } = context({});
    const what = `frame ${hex(frame)} belongs to nobody: get_page fails`;
    expect(getPage(frames, frame)).toEqual({ frame, what });
    expect(frames.generalCount[frame] ?? 0).toBe(0);
  });
});

describe('get_page_type', () => {
  test('the first gives the type, the second counts, another type is refused', () => {
    const ctx = context({});
    expect(getPageType(ctx, page, PGT.writable)).toBeNull();
    expect(getPageType(ctx, page, PGT.writable)).toBeNull();
    expect(counts(ctx, page)).toEqual([1, 2, PGT.writable]);
    expect(getPageType(ctx, page, PGT.seg_desc)).toEqual({
      frame: page,
      what: `frame ${hex(page)} is writable, wanted as seg_desc`,
    });
    expect(counts(ctx, page)).toEqual([1, 2, PGT.writable]);
  });

  test('a descriptor table is taken as it is', () => {
    const ctx = context({});
    expect(getPageType(ctx, page, PGT.seg_desc)).toBeNull();
    expect(counts(ctx, page)).toEqual([1, 1, PGT.seg_desc]);
  });

  test('what holds no table becomes none', () => {
    expect(getPageType(context({}), page, PGT.l1)).toEqual({
      frame: page,
      what: `frame ${hex(page)} holds no page table, wanted as l1`,
    });
  });

  test('a table is validated with all below it; each L4 is told of', () => {
    const ctx = context({ [table]: [rw(other)], [other]: [rw(page), ro(page), ...NOTHING] });
    expect(getPageAndType(ctx, table, PGT.l2)).toBeNull();
    expect(counts(ctx, table)).toEqual([2, 1, PGT.l2]);
    expect(counts(ctx, other)).toEqual([2, 1, PGT.l1]);
    expect(counts(ctx, page)).toEqual([3, 1, PGT.writable]);
    expect(ctx.l4s).toEqual([]);
    const top = context({ [table]: [] });
    expect(getPageAndType(top, table, PGT.l4)).toBeNull();
    expect(top.l4s).toEqual([table]);
  });

  test('an entry that fails is named, table by table', () => {
    const free = (host.xen.frames.flags as Uint16Array).indexOf(FLAG.free);
    const ctx = context({ [table]: [0, rw(other)], [other]: [0, 0, rw(free)] });
    expect(getPageAndType(ctx, table, PGT.l2)?.what).toBe(
      `l2 ${hex(table)}[1]: l1 ${hex(other)}[2]: frame ${hex(free)} belongs to nobody: get_page fails`,
    );
  });

  test('no page is writable and a page table (F8.3)', () => {
    const ctx = context({ [table]: [rw(table)] });
    expect(getPageAndType(ctx, table, PGT.l1)?.what).toContain('is l1, wanted as writable');
  });
});

describe('linear entries (F8.6)', () => {
  test('to itself takes nothing; to another of its level takes both, and counts', () => {
    const ctx = context({ [table]: [ro(table), ro(other)], [other]: [] }, { [other]: PGT.l3 });
    expect(getPageAndType(ctx, table, PGT.l3)).toBeNull();
    expect(counts(ctx, table)).toEqual([2, 1, PGT.l3]);
    expect(counts(ctx, other)).toEqual([2, 1, PGT.l3]);
    expect(ctx.frames.linear).toEqual({ [table]: 1, [other]: -1 });
  });

  test('a table of the level below is none, validated or not', () => {
    const ctx = context({ [table]: [rw(other)], [other]: [] });
    expect(getPageAndType(ctx, other, PGT.l2)).toBeNull();
    expect(getPageAndType(ctx, table, PGT.l3)).toBeNull();
    expect(counts(ctx, other)).toEqual([3, 2, PGT.l2]);
    expect(ctx.frames.linear).toEqual({});
  });

  test('to a table of its level that is validated already', () => {
    const ctx = context({ [table]: [ro(other)], [other]: [] });
    expect(getPageAndType(ctx, other, PGT.l3)).toBeNull();
    expect(getPageAndType(ctx, table, PGT.l3)).toBeNull();
    expect(counts(ctx, other)).toEqual([3, 2, PGT.l3]);
    expect(ctx.frames.linear).toEqual({ [table]: 1, [other]: -1 });
  });

  test('to a table of another domain, or one that fails, is refused', () => {
    const far = context({ [table]: [ro(foreign)], [foreign]: [] }, { [foreign]: PGT.l3 });
    expect(getPageAndType(far, table, PGT.l3)?.what).toBe(
      `l3 ${hex(table)}[0]: linear entry to a table of another domain`,
    );
    const bad = context({ [table]: [ro(page)] }, { [page]: PGT.l3 });
    expect(getPageAndType(bad, table, PGT.l3)?.what).toContain('holds no page table');
    expect(bad.frames.linear).toEqual({});
  });
});

describe('a validation that was interrupted (F8.7, F8.8)', () => {
  const tables = { [table]: [rw(other), rw(third)], [other]: [], [third]: [] };
  const partly = (validated: number, partialSet: boolean, flagHolds: boolean) => {
    const ctx = context(tables);
    const state = { nrValidatedPtes: validated, partialSet, flagHolds };
    return { failed: getPartialTable(ctx, table, PGT.l2, state), ctx };
  };

  test('references what it had come to, and no more', () => {
    const { ctx, failed } = partly(1, false, false);
    expect(failed).toBeNull();
    expect(counts(ctx, table)).toEqual([1, 1, PGT.l2]);
    expect(counts(ctx, other)).toEqual([2, 1, PGT.l1]);
    expect(counts(ctx, third)).toEqual([1, 0, PGT.none]);
    expect(ctx.frames.partial[table]).toEqual({ nrValidatedPtes: 1, partialSet: false });
    expect((ctx.frames.flags[table] ?? 0) & FLAG.partial).toBe(FLAG.partial);
  });

  test('after XSA-299 the flag and the partial entry hold general references', () => {
    expect(counts(partly(1, false, true).ctx, table)).toEqual([2, 1, PGT.l2]);
    expect(counts(partly(1, false, true).ctx, third)).toEqual([1, 0, PGT.none]);
    expect(counts(partly(1, true, true).ctx, third)).toEqual([2, 0, PGT.none]);
    expect(counts(partly(1, true, false).ctx, third)).toEqual([1, 0, PGT.none]);
    // There is no entry behind the last.
    expect(partly(2, true, true).failed).toBeNull();
  });

  test('is none of a page that is no table, or has a type already', () => {
    const state = { nrValidatedPtes: 0, partialSet: false, flagHolds: true };
    const error = (f: number) => ({
      frame: f,
      what: `frame ${hex(f)} is no table that was interrupted`,
    });
    expect(getPartialTable(context({}), page, PGT.l2, state)).toEqual(error(page));
    const ctx = context(tables);
    setType(ctx.frames, table, PGT.l2);
    setFlag(ctx.frames, table, FLAG.validated);
    ctx.frames.typeCount[table] = 1;
    expect(getPartialTable(ctx, table, PGT.l2, state)).toEqual(error(table));
  });
});
