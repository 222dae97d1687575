import { createReadStream } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { GuestImage, HvmGuest, PvGuest } from '../../../src/xen/migration/guest-image.ts';
import { lintStream } from '../../../src/xen/migration/lint.ts';
import { pageIndex } from '../../../src/xen/migration/page-list.ts';
import { readGuestSave } from '../../../src/xen/migration/read-guest.ts';
import { LIBXC } from '../../../src/xen/migration/record-types.ts';
import { setPorts } from '../../../src/xen/migration/shared-info.ts';
import {
  libxcStream,
  libxlStream,
  pageData,
  partsOf,
  type Shape,
  SMALL_HVM,
  SMALL_PV,
} from './build-stream.ts';
import { PV1, PVHGRUB, realStream } from './real-streams.ts';

const STREAMS = new URL('../../fixtures/streams/', import.meta.url);

const read = async (source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
  const guest = await readGuestSave(source);
  if (E.isLeft(guest)) throw new Error(JSON.stringify(guest.left));
  return guest.right;
};

const asPv = (guest: GuestImage): PvGuest => {
  if (guest.type !== 'pv') throw new Error('not a PV guest');
  return guest;
};

const asHvm = (guest: GuestImage): HvmGuest => {
  if (guest.type !== 'hvm') throw new Error('not an HVM guest');
  return guest;
};

const histogram = (types: Uint8Array): Readonly<Record<number, number>> => {
  const counts: Record<number, number> = {};
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};

describe('a real PV guest', () => {
  it('comes with its types, tables, vCPU and times', async () => {
    const file = new URL('pv1-32M-tables.save.xz', STREAMS);
    const guest = asPv(await read(createReadStream(file)));
    expect(guest).toMatchObject({ version: 3, width: 8, levels: 4, xen: { major: 4, minor: 17 } });
    expect(histogram(guest.pages.types)).toEqual({
      0: 8050,
      1: 12,
      2: 15,
      3: 77,
      9: 26,
      11: 1,
      12: 11,
    });
    expect(guest.tables.count).toBe(12 + 15 + 77 + 26 + 1 + 11);
    expect(guest.p2m).toMatchObject({ start: 0, end: 0x1fff });
    expect(guest.p2m.frames.length).toBe(16);
    expect(guest.vcpus).toMatchObject([
      { id: 0, online: true, inKernel: true, rootPfn: 5593, userRootPfn: 5573, gdtEntries: 16 },
    ]);
    expect(guest.tsc).toEqual({ mode: 0, khz: 2299998, nsec: 420188142359n, incarnation: 1 });
    expect(guest.sharedInfo).toMatchObject({ ports: 4096, maxPfn: 8192n });
    expect([guest.cpuidPolicyBytes, guest.msrPolicyBytes]).toEqual([1248, 32]);
  });

  it('hands out the other pages on demand, each with its pfn', async () => {
    const file = new URL('pvhgrub-16M.save.xz', STREAMS);
    let pages = 0;
    let nonzero = 0;
    const guest = await readGuestSave(createReadStream(file), {
      onPage: (_pfn, contents) => {
        pages += 1;
        if (contents.some((byte) => byte !== 0)) nonzero += 1;
      },
    });
    expect(E.isRight(guest)).toBe(true);
    expect(pages).toBe(4113);
    expect(nonzero).toBeGreaterThan(100);
  });
});

describe('a real PVH guest', () => {
  it('comes with its HVM context and parameters', async () => {
    const file = new URL('pvhgrub-16M.save.xz', STREAMS);
    const guest = asHvm(await read(createReadStream(file)));
    expect(guest.context.map(({ name }) => name)).toEqual(
      'HEADER CPU LAPIC LAPIC_REGS PCI_IRQ ISA_IRQ PCI_LINK MTRR VMCE_VCPU TSC_ADJUST'.split(' '),
    );
    expect(guest.params).toContainEqual({ index: 1, value: 1044476n });
    expect(guest.params.length).toBe(8);
    expect(guest.vcpus).toMatchObject([{ id: 0, registers: { cr0: 17n, rip: 1052815n } }]);
    expect(histogram(guest.pages.types)).toEqual({ 0: 4113, 15: 1040367 });
  });
});

describe('a made guest', () => {
  const shapes: readonly (readonly [string, Shape])[] = [
    ['64-bit, little-endian, version 3', SMALL_PV],
    ['64-bit, big-endian, version 2', { ...SMALL_PV, endian: 'big', version: 2 }],
    ['32-bit, little-endian, version 2', narrow('little')],
    ['32-bit, big-endian, version 3', narrow('big')],
  ];

  it.each(shapes)('reads alike: %s', async (_name, shape) => {
    const guest = asPv(await read([libxlStream(libxcStream(shape), shape.endian)]));
    expect([...guest.pages.pfns]).toEqual(shape.pages.map(({ pfn }) => pfn));
    expect([...guest.pages.types]).toEqual(shape.pages.map(({ type }) => type));
    for (const { pfn, entries = [] } of shape.pages) {
      const seen: unknown[] = [];
      guest.tables.present(pfn, (slot, flags, target) => seen.push([slot, target, flags & 0xfff]));
      expect(seen).toEqual(entries);
    }
    expect(guest.vcpus).toMatchObject([{ rootPfn: shape.root, gdtPfns: [5], online: true }]);
    expect(guest.vcpus[0]?.registers[shape.width === 8 ? 'rip' : 'eip']).toBe(0x1234n);
    expect(setPorts(guest.sharedInfo.pending)).toEqual([37]);
    expect(setPorts(guest.sharedInfo.mask)).toEqual([70]);
    expect(guest.tsc?.nsec).toBe(42n);
  });

  it.each(['little', 'big'] as const)('HVM, %s-endian', async (endian) => {
    const guest = asHvm(await read([libxcStream({ ...SMALL_HVM, endian })]));
    expect(guest.vcpus).toMatchObject([{ id: 1, registers: { rip: 0xfff0n } }]);
    expect(guest.params).toEqual([{ index: 17, value: 0xfeffcn }]);
    expect([...guest.pages.pfns]).toEqual([0, 1, 0xa0, 0x100]);
  });

  it('takes what a live migration sent last for a page', async () => {
    const again = pageData(
      [
        { pfn: 4, type: 1, entries: [[9, 0, 1]] },
        { pfn: 3, type: 0 },
        { pfn: 6, type: 0xf },
      ],
      'little',
    );
    const parts = partsOf(SMALL_PV).flatMap((part) =>
      part[0] === LIBXC.X86_TSC_INFO ? [again, part] : [part],
    );
    const guest = asPv(await read([libxcStream(SMALL_PV, parts)]));
    expect([...guest.pages.pfns]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(guest.pages.types[pageIndex(guest.pages, 3)]).toBe(0);
    expect(guest.pages.types[pageIndex(guest.pages, 6)]).toBe(0xf);
    expect(guest.tables.has(3)).toBe(false);
    const slots: number[] = [];
    guest.tables.present(4, (slot) => slots.push(slot));
    expect(slots).toEqual([9]);
  });

  it('is refused with the place and the rule', async () => {
    const bytes = libxcStream(SMALL_PV);
    expect(await readGuestSave([bytes.subarray(0, bytes.length - 4)])).toMatchObject({
      left: { severity: 'error', layer: 'libxc', rule: 'F1.13', offset: bytes.length - 8 },
    });
    expect(
      await readGuestSave([Buffer.from('a picture of a cat, in a format of its own')]),
    ).toEqual(
      E.left({
        severity: 'error',
        offset: 0,
        rule: 'F10.1',
        message: 'no stream of a known format (xl, libxl, libxc)',
        layer: 'stream',
        record: 'header',
      }),
    );
  });
});

/** The same guest with 32-bit words: its L3 is the root. */
function narrow(endian: 'little' | 'big'): Shape {
  const pages = SMALL_PV.pages.filter(({ pfn }) => pfn !== 1);
  return {
    ...SMALL_PV,
    endian,
    version: endian === 'little' ? 2 : 3,
    width: 4,
    root: 2,
    pages: pages.map((page) =>
      page.pfn === 2
        ? { ...page, type: 0xb }
        : page.pfn === 4
          ? { ...page, entries: (page.entries ?? []).filter(([slot]) => slot !== 1) }
          : page,
    ),
  };
}

/** A real stream as a Xen before 4.14 wrote it: version 2, without the static data of version 3. */
const asVersion2 = (bytes: Buffer, wrapped: boolean): Uint8Array => {
  const start = bytes.indexOf('ffffffffffffffff58454e46', 0, 'hex');
  const dropped: number[] = [LIBXC.X86_CPUID_POLICY, LIBXC.X86_MSR_POLICY, LIBXC.STATIC_DATA_END];
  const headers = Buffer.from(bytes.subarray(start, start + 40));
  headers.writeUInt32BE(2, 12);
  const kept: Uint8Array[] = [headers];
  let at = start + 40;
  for (let type = -1; type !== LIBXC.END; ) {
    type = bytes.readUInt32LE(at);
    const next = at + 8 + Math.ceil(bytes.readUInt32LE(at + 4) / 8) * 8;
    if (!dropped.includes(type)) kept.push(bytes.subarray(at, next));
    at = next;
  }
  return Uint8Array.from(
    Buffer.concat(wrapped ? [bytes.subarray(0, start), ...kept, bytes.subarray(at)] : kept),
  );
};

describe('a real guest in a version 2 stream (F10.1)', () => {
  it.each([
    ['bare', PV1, false],
    ['from xl', PVHGRUB, true],
  ])('is the same guest without policies: %s, %s', async (_, name, wrapped) => {
    const bytes = await realStream(name);
    const now = await read([Uint8Array.from(bytes)]);
    const old = await read([asVersion2(bytes, wrapped)]);
    expect(old).toMatchObject({ version: 2, cpuidPolicyBytes: 0, msrPolicyBytes: 0 });
    const { version, cpuidPolicyBytes, msrPolicyBytes, remarks } = now;
    expect({ ...old, version, cpuidPolicyBytes, msrPolicyBytes, remarks }).toEqual(now);
  });

  it('that claims to be version 3 lacks STATIC_DATA_END, and that is said once', async () => {
    const bytes = asVersion2(await realStream(PV1), false);
    bytes[15] = 3;
    const message = 'X86_PV_P2M_FRAMES without STATIC_DATA_END before it';
    expect(await readGuestSave([bytes])).toMatchObject({ left: { message, rule: 'F10.5' } });
    const report = await lintStream([bytes]);
    const errors = report.findings.filter(({ severity }) => severity === 'error');
    expect(errors.map((error) => error.message)).toEqual([message]);
    expect(report.end).toBe('complete');
  });
});
