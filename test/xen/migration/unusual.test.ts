/** Streams that the given ones do not show, as libxc of Xen 4.17 writes them. */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { GuestImage } from '../../../src/xen/migration/guest-image.ts';
import { lintStream } from '../../../src/xen/migration/lint.ts';
import { pageIndex } from '../../../src/xen/migration/page-list.ts';
import { readGuestSave } from '../../../src/xen/migration/read-guest.ts';
import { LIBXC, LIBXL, PFINFO } from '../../../src/xen/migration/record-types.ts';
import { setPorts } from '../../../src/xen/migration/shared-info.ts';
import { checkTables } from '../../../src/xen/migration/table-check.ts';
import {
  libxcStream,
  libxlStream,
  type Part,
  pageData,
  partsOf,
  type Shape,
  SMALL_HVM,
  SMALL_PV,
} from './build-stream.ts';

const NOTHING = new Uint8Array(0);
const { XTAB, XALLOC, BROKEN } = PFINFO;

/** The guest of these bytes; neither the reader nor the linter has anything to say. */
const sound = async (bytes: Uint8Array): Promise<GuestImage> => {
  const report = await lintStream([bytes]);
  expect([report.end, report.findings]).toEqual(['complete', []]);
  const read = await readGuestSave([bytes]);
  if (E.isLeft(read)) throw new Error(read.left.message);
  expect(read.right.remarks).toEqual([]);
  return read.right;
};

const asPv = (guest: GuestImage) => {
  if (guest.type !== 'pv') throw new Error('not PV');
  return guest;
};

/** The records of a stream, with others put in front of the first of a type. */
const inFrontOf = (type: number, shape: Shape, ...more: readonly Part[]): readonly Part[] => {
  const parts = partsOf(shape);
  const at = parts.findIndex(([t]) => t === type);
  return [...parts.slice(0, at), ...more, ...parts.slice(at)];
};

const holes = (...pfns: readonly number[]) => pfns.map((pfn) => ({ pfn, type: XTAB }));

describe('a ballooned PV guest', () => {
  /** Pfns 8 to 15 were given back; the P2M reaches to 0x600, far beyond its pages. */
  const BALLOONED: Shape = {
    ...SMALL_PV,
    pages: [
      ...SMALL_PV.pages,
      ...holes(8, 9, 10, 11, 12, 13, 14, 15),
      { pfn: 16, type: 0 },
      ...holes(0x400, 0x600),
    ],
  };
  /** A P2M of 0x601 words is four pages; libxc names the pfns of all of them. */
  const p2m: Part = [LIBXC.X86_PV_P2M_FRAMES, new Uint8Array(40)];
  new DataView(p2m[1].buffer).setUint32(4, 0x600, true);
  const parts = (): Part[] =>
    partsOf(BALLOONED).map((part) => (part[0] === LIBXC.X86_PV_P2M_FRAMES ? p2m : part));

  test('has holes where it has no page, and counts as many pages as it has', async () => {
    const guest = asPv(await sound(libxcStream(BALLOONED, parts())));
    expect(guest.p2m).toMatchObject({ start: 0, end: 0x600 });
    const pages = [...guest.pages.types].filter((type) => type !== XTAB);
    expect(pages).toHaveLength(8);
    expect(guest.pages.types[pageIndex(guest.pages, 12)]).toBe(XTAB);
    expect(guest.pages.types[pageIndex(guest.pages, 16)]).toBe(0);
    expect(checkTables(guest)).toMatchObject({ contradictionCount: 0 });
  });

  test('sends a hole again at the end, and it stays one', async () => {
    const all = parts();
    const at = all.findIndex(([type]) => type === LIBXC.X86_TSC_INFO);
    // What had no frame is tried again when the guest stands still (deferred pages).
    all.splice(at, 0, pageData(holes(8, 9, 10, 11, 12, 13, 14, 15, 0x400, 0x600), 'little'));
    const guest = asPv(await sound(libxcStream(BALLOONED, all)));
    const once = asPv(await sound(libxcStream(BALLOONED, parts())));
    expect(guest.pages).toEqual(once.pages);
  });

  test('a page that was given back and taken again between the rounds of a live save', async () => {
    const all = parts();
    const at = all.findIndex(([type]) => type === LIBXC.X86_TSC_INFO);
    const later = [{ pfn: 9, type: 0 }, ...holes(6)];
    all.splice(at, 0, pageData(later, 'little'));
    const guest = asPv(await sound(libxcStream(BALLOONED, all)));
    const typeOf = (pfn: number) => guest.pages.types[pageIndex(guest.pages, pfn)];
    expect([typeOf(6), typeOf(9)]).toEqual([XTAB, 0]);
    // The L1 maps pfn 6 still, in two slots: the stream contradicts itself.
    const { contradictions } = checkTables(guest);
    expect(contradictions.map(({ kind, slot, targetPfn }) => [kind, slot, targetPfn])).toEqual([
      ['no-page', 4, 6],
      ['no-page', 5, 6],
    ]);
  });

  test('a page beyond the P2M is an error, with its word', async () => {
    const all = parts();
    const at = all.findIndex(([type]) => type === LIBXC.X86_TSC_INFO);
    all.splice(at, 0, pageData([{ pfn: 0x601, type: 0 }], 'little'));
    expect(await readGuestSave([libxcStream(BALLOONED, all)])).toMatchObject({
      left: { rule: 'F10.5', message: "pfn 0x601 beyond the guest's last, 0x600" },
    });
  });
});

describe('pages of other types', () => {
  test('allocated without contents, and broken', async () => {
    const more = pageData(
      [
        { pfn: 5, type: XALLOC },
        { pfn: 7, type: BROKEN },
      ],
      'little',
    );
    const guest = await sound(libxcStream(SMALL_PV, inFrontOf(LIBXC.X86_TSC_INFO, SMALL_PV, more)));
    const typeOf = (pfn: number) => guest.pages.types[pageIndex(guest.pages, pfn)];
    expect([typeOf(5), typeOf(7)]).toEqual([XALLOC, BROKEN]);
  });
});

describe('records that only some saves have', () => {
  test('VERIFY, and all pages once more', async () => {
    const again = pageData(SMALL_PV.pages, 'little');
    const parts = inFrontOf(LIBXC.X86_TSC_INFO, SMALL_PV, [LIBXC.VERIFY, NOTHING], again);
    const guest = asPv(await sound(libxcStream(SMALL_PV, parts)));
    expect(guest.pages).toEqual(asPv(await sound(libxcStream(SMALL_PV))).pages);
  });

  test('no policy at all, where Xen has none to tell', async () => {
    const policies: number[] = [LIBXC.X86_CPUID_POLICY, LIBXC.X86_MSR_POLICY];
    for (const shape of [SMALL_PV, SMALL_HVM]) {
      const parts = partsOf(shape).filter(([type]) => !policies.includes(type));
      const guest = await sound(libxcStream(shape, parts));
      expect([guest.cpuidPolicyBytes, guest.msrPolicyBytes]).toEqual([0, 0]);
    }
  });

  test('an unknown optional record is passed over, an unknown mandatory one refused', async () => {
    const unknown = (type: number): Uint8Array =>
      libxcStream(
        SMALL_PV,
        inFrontOf(LIBXC.X86_TSC_INFO, SMALL_PV, [type, Uint8Array.of(1, 2, 3, 4, 5)]),
      );
    const optional = await readGuestSave([unknown(0x8000_0042)]);
    expect(optional).toMatchObject({ right: { type: 'pv', remarks: [{ severity: 'note' }] } });
    const mandatory = await readGuestSave([unknown(0x42)]);
    expect(mandatory).toMatchObject({ left: { severity: 'error', rule: 'F10.3' } });
  });

  test('vCPU records without a context (a vCPU that has no XSAVE area, no MSRs)', async () => {
    const vcpu = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0);
    const parts = inFrontOf(
      LIBXC.END,
      SMALL_PV,
      [LIBXC.X86_PV_VCPU_EXTENDED, Buffer.concat([vcpu, new Uint8Array(128)])],
      [LIBXC.X86_PV_VCPU_XSAVE, Buffer.concat([vcpu, new Uint8Array(0x240)])],
      [LIBXC.X86_PV_VCPU_MSRS, Buffer.concat([vcpu, new Uint8Array(32)])],
    );
    await sound(libxcStream(SMALL_PV, parts));
    const empty = inFrontOf(LIBXC.END, SMALL_PV, [LIBXC.X86_PV_VCPU_MSRS, vcpu]);
    const report = await lintStream([libxcStream(SMALL_PV, empty)]);
    expect(report.findings).toMatchObject([{ severity: 'note', message: 'vCPU 0: no msrs' }]);
  });
});

describe('a Remus stream', () => {
  /** Two checkpoints: the second sends a page, and registers, anew; then END. */
  const stream = (more: readonly Part[] = []): Uint8Array => {
    const parts = partsOf(SMALL_PV);
    const late = parts.filter(
      ([type]) =>
        (type >= LIBXC.X86_PV_VCPU_BASIC && type <= LIBXC.SHARED_INFO) ||
        type === LIBXC.X86_TSC_INFO,
    );
    const again = pageData([{ pfn: 4, type: 1, entries: [[7, 0, 1]] }], 'little');
    const first = libxcStream(SMALL_PV, [...parts.slice(0, -1), [LIBXC.CHECKPOINT, NOTHING]]);
    return libxlStream(first, 'little', [
      [LIBXL.CHECKPOINT_END, NOTHING],
      again,
      ...late,
      ...more,
      [LIBXC.END, NOTHING],
    ]);
  };

  test('is the guest of its last checkpoint', async () => {
    const guest = asPv(await sound(stream()));
    const slots: number[] = [];
    guest.tables.present(4, (slot) => slots.push(slot));
    expect(slots).toEqual([7]);
    expect(guest.vcpus).toHaveLength(1);
    expect(setPorts(guest.sharedInfo.pending)).toEqual([37]);
  });

  test('a list of dirty pages goes the other way, and is refused', async () => {
    const dirty: Part = [LIBXC.CHECKPOINT_DIRTY_PFN_LIST, new Uint8Array(16)];
    const report = await lintStream([stream([dirty])]);
    expect(report.findings).toMatchObject([{ severity: 'error', rule: 'F10.3' }]);
  });
});
