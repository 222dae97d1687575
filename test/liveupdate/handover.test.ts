import fc from 'fast-check';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { defaultDesign, without } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { FRAMES_PER_2M } from '../../src/host/constants.ts';
import { endOf, range } from '../../src/host/ranges.ts';
import {
  decodeBreadcrumb,
  decodeMfnArray,
  encodeBreadcrumb,
  encodeMfnArray,
  MAGIC,
} from '../../src/liveupdate/breadcrumb.ts';
import {
  findLiveUpdate,
  formatLiveUpdate,
  parseLiveUpdate,
  regionOf,
} from '../../src/liveupdate/command-line.ts';
import { place } from '../../src/liveupdate/placement.ts';
import { ran } from '../support/updates.ts';

describe('liveupdate= (F1.7)', () => {
  test('sizes, and sizes with an address', () => {
    expect(parseLiveUpdate('64M')).toMatchObject({ right: { size: 2 ** 26, address: null } });
    expect(parseLiveUpdate('64M@0x7c000000')).toMatchObject({
      right: { size: 2 ** 26, address: 0x7c000000 },
    });
    expect(parseLiveUpdate('1G')).toMatchObject({ right: { size: 2 ** 30 } });
  });

  test.each(['', '64', 'M', '3M', '0M', '64M@', '64M@0x100000', '2G@0x80200000', '64MB', '-2M'])(
    'refuses %j',
    (value) => {
      expect(isLeft(parseLiveUpdate(value))).toBe(true);
    },
  );

  test('sizes in bytes, addresses in decimal, and the last region below 4 GiB', () => {
    expect(parseLiveUpdate('2097152')).toMatchObject({ right: { size: 2 ** 21, address: null } });
    expect(parseLiveUpdate('2M@4194304')).toMatchObject({ right: { address: 2 ** 22 } });
    expect(parseLiveUpdate('2M@0xffe00000')).toMatchObject({ right: { address: 0xffe00000 } });
    expect(parseLiveUpdate('4M@0xffe00000')).toMatchObject({
      left: 'liveupdate=4M@0xffe00000: the region must be 2 MiB aligned and below 4 GiB',
    });
    // Without an address nothing says where it must lie.
    expect(parseLiveUpdate('5G')).toMatchObject({ right: { size: 5 * 2 ** 30, address: null } });
    expect(parseLiveUpdate('2T')).toMatchObject({
      left: 'liveupdate=2T: expected <size>[KMG] or <size>[KMG]@<address>',
    });
  });

  test('the last one of a command line counts, others are not looked at', () => {
    expect(findLiveUpdate('console=com1 liveupdate=2M dom0_mem=1G liveupdate=4M')).toMatchObject({
      right: { size: 2 ** 22 },
    });
    expect(findLiveUpdate('xliveupdate=2M')).toEqual({ _tag: 'Right', right: null });
  });

  test('what kexec(8) appends is read back as the same region', () => {
    const step = FRAMES_PER_2M;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (at, n) => {
        const region = range(at * step, n * step);
        const read = parseLiveUpdate(formatLiveUpdate(region).slice('liveupdate='.length));
        expect(isRight(read) && regionOf(read.right)).toEqual(region);
      }),
    );
  });
});

describe('placement (R28, R41)', () => {
  const bootmem = range(2048, 2048);
  const image = range(4096, 1024);

  test('takes the top on 2 MiB; bootmem is what is left below', () => {
    expect(place(bootmem, image, 400)).toMatchObject({
      right: { image: { start: 4608, count: 512 }, bootmem: { start: 2048, count: 2560 } },
    });
    expect(place(bootmem, image, 1500)).toMatchObject({
      right: { image: { start: 3584, count: 1536 }, bootmem: { start: 2048, count: 1536 } },
    });
  });

  test('never leaves the space, never overlaps, always aligned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), (frames) => {
        const placed = place(bootmem, image, frames);
        if (isLeft(placed)) return frames > 2048;
        const { right } = placed;
        expect(right.image.start % FRAMES_PER_2M).toBe(0);
        expect(right.image.count).toBeGreaterThanOrEqual(frames);
        expect(endOf(right.bootmem)).toBe(right.image.start);
        expect(right.bootmem.start).toBe(bootmem.start);
        expect(endOf(right.image)).toBe(endOf(image));
        return true;
      }),
    );
  });

  test('without bootmem, or with a gap above it, there is no place', () => {
    expect(isLeft(place(range(0, 0), image, 1))).toBe(true);
    expect(isLeft(place(range(2048, 1024), image, 1))).toBe(true);
  });
});

describe('breadcrumb and MFN array (R31, R32, F1.1)', () => {
  test('three words, low 12 bits clear, in the order of the code of 2020', () => {
    const page = encodeBreadcrumb({ arrayFrame: 0x1234, pages: 7 }, true);
    const view = new DataView(page.buffer);
    expect(view.getBigUint64(0, true)).toBe(0x4c69766555706000n);
    expect(view.getBigUint64(8, true)).toBe(0x1234000n);
    expect(view.getBigUint64(16, true)).toBe(0x7000n);
    expect(MAGIC & 0xfffn).toBe(0n);
  });

  test('is read back; any other magic is refused unless nobody checks it (S29)', () => {
    const page = encodeBreadcrumb({ arrayFrame: 9, pages: 3 }, true);
    expect(decodeBreadcrumb(page, true)).toMatchObject({ right: { arrayFrame: 9, pages: 3 } });
    page[5] = (page[5] as number) ^ 1;
    expect(isLeft(decodeBreadcrumb(page, true))).toBe(true);
    expect(isRight(decodeBreadcrumb(page, false))).toBe(true);
    expect(isLeft(decodeBreadcrumb(new Uint8Array(4096), false))).toBe(true);
    expect(isLeft(decodeBreadcrumb(page.subarray(0, 16), false))).toBe(true);
  });

  test('is of whole pages, and of some (F1.1)', () => {
    const words = (address: bigint, size: bigint) => {
      const page = encodeBreadcrumb({ arrayFrame: 1, pages: 1 }, true);
      const view = new DataView(page.buffer);
      view.setBigUint64(8, address, true);
      view.setBigUint64(16, size, true);
      return decodeBreadcrumb(page.subarray(0, 24), true);
    };
    expect(words(0x1000n, 0x2000n)).toMatchObject({ right: { arrayFrame: 1, pages: 2 } });
    for (const [address, size] of [
      [0x1800n, 0x1000n],
      [0x1000n, 0x1001n],
      [0n, 0x1000n],
      [0x1000n, 0n],
    ] as const)
      expect(words(address, size)).toMatchObject({
        left: 'the breadcrumb is not of whole pages (F1.1)',
      });
    expect(decodeBreadcrumb(new Uint8Array(23), true)).toMatchObject({
      left: 'the breadcrumb page is too short',
    });
  });

  test('an array has as many pages as its entries need, and no entry more is read', () => {
    const pages = (n: number) => encodeMfnArray(Array.from({ length: n }, () => 1)).length / 4096;
    expect([0, 1, 512, 513, 1024, 1025].map(pages)).toEqual([1, 1, 1, 2, 2, 3]);
    expect(decodeMfnArray(new Uint8Array(16), 2)).toMatchObject({ right: [0, 0] });
    expect(decodeMfnArray(new Uint8Array(15), 2)).toMatchObject({
      left: 'the MFN array is shorter than the page count says',
    });
  });

  test('arrays of any length come back, and a short one is refused', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 28 - 1), { maxLength: 1100 }), (frames) => {
        const bytes = encodeMfnArray(frames);
        expect(bytes.length % 4096).toBe(0);
        expect(decodeMfnArray(bytes, frames.length)).toEqual({ _tag: 'Right', right: frames });
        expect(isLeft(decodeMfnArray(bytes, bytes.length / 8 + 1))).toBe(true);
      }),
    );
  });
});

describe('a hand-over without its rules', () => {
  const outcome = (rule: Parameters<typeof without>[1]) => {
    const r = ran(mixedHost(), { design: without(defaultDesign, rule) }).outcome;
    return r.kind === 'crashed' ? r.what : r.kind;
  };

  test('R30: the stream in bootmem is overwritten by the boot (S28)', () => {
    expect(outcome('R30')).toMatch(/overwritten/);
  });
  test('F2.12.dying-last: a zombie marked dead takes no pages (S32)', () => {
    expect(outcome('F2.12.dying-last')).toMatch(/assign_pages refuses a dying domain/);
  });
  test('R38: a domain that runs ahead maps what nobody owns yet is possible, not forced', () => {
    // The fair scheduler keeps the passes together; the explorer looks for the other order.
    expect(outcome('R38')).toBe('resumed');
  });
  test('R8: a page of a dropped domain that dom0 still maps crashes xen#2 (S30)', () => {
    expect(outcome('R8')).toMatch(/0x1a0 belongs to nobody/);
  });
  test('R34: devices lose their mappings, which nothing but I8.6 sees (S42)', () => {
    expect(outcome('R34')).toBe('resumed');
  });
});
