/** The frame table, and the packed words that page contents are made of. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DOMID_INVALID } from '../../src/host/constants.ts';
import {
  P2M_TYPE,
  PTE,
  p2mEntry,
  p2mFrame,
  p2mType,
  pte,
  pteFrame,
  pteIs,
} from '../../src/host/content.ts';
import {
  draftOf,
  emptyFrameTable,
  FLAG,
  flagsOf,
  frameCount,
  generalCountOf,
  hasFlag,
  ownerOf,
  setFlag,
  setType,
  typeCountOf,
  typeOf,
} from '../../src/host/frame-table.ts';
import { noPins, pinsOfWord, pinTotal, pinWord } from '../../src/host/grant-table.ts';
import { type PageType, PGT } from '../../src/host/page-type.ts';

const FLAGS = Object.entries(FLAG).flatMap(([name, bit]) => (name === 'typeMask' ? [] : [bit]));
const TYPES = Object.values(PGT);

describe('the frame table', () => {
  test('starts as memory that Xen does not know', () => {
    const table = emptyFrameTable(4);
    expect(frameCount(table)).toBe(4);
    expect([ownerOf(table, 3), flagsOf(table, 3)]).toEqual([DOMID_INVALID, FLAG.reserved]);
  });

  test("a frame beyond its end is nobody's and reserved", () => {
    const table = emptyFrameTable(4);
    expect([ownerOf(table, 4), flagsOf(table, 4)]).toEqual([DOMID_INVALID, FLAG.reserved]);
    expect([generalCountOf(table, 4), typeCountOf(table, 4)]).toEqual([0, 0]);
  });

  test('flags are bits of their own and leave the type alone', () => {
    expect(new Set(FLAGS).size).toBe(FLAGS.length);
    fc.assert(
      fc.property(fc.constantFrom(...FLAGS), fc.constantFrom(...TYPES), (flag, type) => {
        const table = emptyFrameTable(1);
        table.flags[0] = 0;
        setType(table, 0, type as PageType);
        setFlag(table, 0, flag);
        expect([typeOf(table, 0), hasFlag(table, 0, flag)]).toEqual([type, true]);
        setType(table, 0, PGT.none);
        expect(flagsOf(table, 0)).toBe(flag);
        setFlag(table, 0, flag, false);
        expect(flagsOf(table, 0)).toBe(0);
      }),
    );
  });

  test('a draft is a copy', () => {
    const table = emptyFrameTable(2);
    const draft = draftOf(table);
    draft.owner[0] = 5;
    draft.generalCount[1] = 9;
    draft.linear[1] = -1;
    draft.partial[0] = { nrValidatedPtes: 1, partialSet: false };
    expect(table).toEqual(emptyFrameTable(2));
  });
});

describe('packed words', () => {
  const frame = fc.integer({ min: 0, max: 2 ** 28 - 1 });

  test('page-table entries', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 0, max: 7 }), (f, flags) => {
        const e = pte(f, flags);
        expect(pteFrame(e)).toBe(f);
        for (const flag of Object.values(PTE)) expect(pteIs(e, flag)).toBe((flags & flag) !== 0);
        expect(Uint32Array.of(e)[0]).toBe(e);
      }),
    );
  });

  test('P2M entries', () => {
    fc.assert(
      fc.property(frame, fc.constantFrom(...Object.values(P2M_TYPE)), (f, type) => {
        expect([p2mFrame(p2mEntry(f, type)), p2mType(p2mEntry(f, type))]).toEqual([f, type]);
      }),
    );
  });

  test('pin counters', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.record({ hstw: byte, hstr: byte, devw: byte, devr: byte }), (pins) => {
        expect(pinsOfWord(pinWord(pins))).toEqual(pins);
      }),
    );
    expect(pinTotal(noPins)).toBe(0);
    expect(pinWord({ hstw: 1, hstr: 2, devw: 3, devr: 4 })).toBe(0x04030201);
  });
});
