import { it } from '@fast-check/vitest';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect } from 'vitest';
import { lintStream } from '../../../src/xen/migration/lint.ts';
import { readGuestSave } from '../../../src/xen/migration/read-guest.ts';
import { LIBXC } from '../../../src/xen/migration/record-types.ts';
import { checkTables } from '../../../src/xen/migration/table-check.ts';
import { counted } from '../../stream/counted.ts';
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
import { readPlainly } from './plain-reader.ts';

/** What is done to the records of a lawful stream. Numbers are taken modulo. */
type RecordEdit =
  | { readonly kind: 'swap' | 'move'; readonly a: number; readonly b: number }
  | { readonly kind: 'drop'; readonly a: number }
  | { readonly kind: 'double'; readonly a: number }
  | {
      readonly kind: 'insert';
      readonly a: number;
      readonly type: number;
      readonly bytes: Uint8Array;
    };

/** What is done to its bytes. */
type ByteEdit =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'word'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number };

const place = fc.nat(40);
const recordEdit: fc.Arbitrary<RecordEdit> = fc.oneof(
  fc.record({ kind: fc.constantFrom('swap' as const, 'move' as const), a: place, b: place }),
  fc.record({ kind: fc.constant('drop' as const), a: place }),
  fc.record({ kind: fc.constant('double' as const), a: place }),
  fc.record({
    kind: fc.constant('insert' as const),
    a: place,
    type: fc.oneof(fc.nat(0x14), fc.constantFrom(0x40000000, 0x80000000, 0xffffffff)),
    bytes: fc.uint8Array({ maxLength: 24 }),
  }),
);
// Most of a stream is page data: aim at its first and last kilobytes as well.
const anywhere = fc.oneof(fc.nat(400), fc.nat(60_000), fc.integer({ min: -9_000, max: -1 }));
const byteEdit: fc.Arbitrary<ByteEdit> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: anywhere, bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant('word' as const),
    at: anywhere,
    value: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0x08000000, 0x08000001, 0xffffffff),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: anywhere }),
);

const shape: fc.Arbitrary<Shape> = fc
  .record({
    guest: fc.constantFrom('pv' as const, 'hvm' as const),
    version: fc.constantFrom(2 as const, 3 as const),
    endian: fc.constantFrom('little' as const, 'big' as const),
  })
  .map((some) => ({ ...(some.guest === 'pv' ? SMALL_PV : SMALL_HVM), ...some }));

const editedParts = (parts: readonly Part[], edits: readonly RecordEdit[]): readonly Part[] => {
  const list = [...parts];
  for (const edit of edits) {
    if (list.length === 0) break;
    const a = edit.a % list.length;
    const one = list[a] as Part;
    if (edit.kind === 'drop') list.splice(a, 1);
    else if (edit.kind === 'double') list.splice(a, 0, one);
    else if (edit.kind === 'insert') list.splice(a, 0, [edit.type, edit.bytes]);
    else {
      const b = edit.b % list.length;
      if (edit.kind === 'move') list.splice(b, 0, ...list.splice(a, 1));
      else [list[a], list[b]] = [list[b] as Part, one];
    }
  }
  return list;
};

const editedBytes = (stream: Uint8Array, edits: readonly ByteEdit[]): Uint8Array => {
  let bytes = Uint8Array.from(stream);
  for (const edit of edits) {
    if (bytes.length === 0) break;
    const at = ((edit.at % bytes.length) + bytes.length) % bytes.length;
    if (edit.kind === 'cut') bytes = bytes.subarray(0, at);
    else if (edit.kind === 'flip') bytes[at] = (bytes[at] ?? 0) ^ (1 << edit.bit);
    else for (let i = 0; i < 4; i += 1) bytes[(at & ~3) + i] = (edit.value >>> (8 * i)) & 0xff;
  }
  return bytes;
};

/** The bytes in chunks out of one reused buffer. */
function* chunked(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
  }
}

const seen = { rules: new Set<string>(), refused: 0, read: 0, allocated: 0, reads: 0 };

/** What any stream may cost, and what each of its bytes. */
const FIXED_BYTES = 2 ** 18;
const BYTES_PER_BYTE = 4;
const FIXED_READS = 4096;
const READS_PER_BYTE = 1;

describe('whatever is done to a stream', () => {
  it.prop(
    [
      shape,
      fc.boolean(),
      fc.array(recordEdit, { maxLength: 3 }),
      fc.array(byteEdit, { maxLength: 4 }),
      fc.constantFrom(1 << 16, 4096, 997, 64),
    ],
    { numRuns: 4000, seed: 7 },
  )(
    'the linter and the reader agree whether it is readable, and at which byte',
    async (some, wrapped, recordEdits, byteEdits, size) => {
      const inner = libxcStream(some, editedParts(partsOf(some), recordEdits));
      const whole = wrapped ? libxlStream(inner, some.endian) : inner;
      const bytes = editedBytes(whole, byteEdits);
      const [report, linting] = await counted(() => lintStream(chunked(bytes, size)));
      const [guest, reading] = await counted(() => readGuestSave(chunked(bytes, size)));
      for (const { allocated, reads } of [linting, reading]) {
        seen.allocated = Math.max(seen.allocated, allocated);
        seen.reads = Math.max(seen.reads, reads);
      }
      expect(linting.allocated).toBeLessThan(FIXED_BYTES + BYTES_PER_BYTE * bytes.length);
      expect(reading.allocated).toBeLessThan(FIXED_BYTES + BYTES_PER_BYTE * bytes.length);
      expect(linting.reads).toBeLessThan(FIXED_READS + READS_PER_BYTE * bytes.length);
      expect(reading.reads).toBeLessThan(FIXED_READS + READS_PER_BYTE * bytes.length);
      expect(report.bytes).toBeLessThanOrEqual(bytes.length);
      for (const { rule } of report.findings) seen.rules.add(rule);
      if (E.isLeft(guest)) {
        seen.refused += 1;
        expect(report.errors).toBeGreaterThan(0);
        const first = report.findings.find(({ severity }) => severity === 'error');
        expect(guest.left.offset).toBe(first?.offset);
        expect(guest.left.offset).toBeLessThanOrEqual(bytes.length);
        return;
      }
      seen.read += 1;
      expect(report).toMatchObject({ errors: 0, end: 'complete' });
      expect(guest.right.type).toBe(some.guest);
      // The right answer: the last that the stream says of each page.
      const stated = new Map(readPlainly(bytes).pages.map((p) => [p.pfn, p.type]));
      const sorted = [...stated].sort(([a], [b]) => a - b);
      const { pfns, types } = guest.right.pages;
      expect([...pfns].map((pfn, i) => [pfn, types[i]])).toEqual(sorted);
      if (guest.right.type === 'pv') {
        const { refs, contradictions } = checkTables(guest.right);
        expect(refs.general.length).toBe(guest.right.pages.pfns.length);
        expect(contradictions.length).toBeLessThanOrEqual(1000);
      }
    },
  );

  afterAll(() => {
    // A fuzzer that only ever sees one side, or two rules, sees nothing.
    expect(seen.refused).toBeGreaterThan(300);
    expect(seen.read).toBeGreaterThan(150);
    // The counters count: tables of a guest and words of a list, at least.
    expect(seen.allocated).toBeGreaterThan(16 * 4096);
    expect(seen.reads).toBeGreaterThan(512);
    for (const rule of ['F1.13', 'F10.1', 'F10.2', 'F10.3', 'F10.4', 'F10.5', 'F10.6', 'F10.8']) {
      expect(seen.rules).toContain(rule);
    }
  });

  it.prop([fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0, 16, 24, 40)], { seed: 7 })(
    'noise behind the first bytes of a stream is an error, not a crash',
    async (noise, kept) => {
      const start = libxcStream(SMALL_PV).subarray(0, kept);
      const report = await lintStream([start, noise]);
      expect(report.errors).toBeGreaterThan(0);
      expect(E.isLeft(await readGuestSave([start, noise]))).toBe(true);
    },
  );

  it('changing nothing but plain pages changes nothing in the guest', async () => {
    const parts = partsOf(SMALL_PV);
    const bytes = libxcStream(SMALL_PV, parts);
    const changed = Uint8Array.from(bytes);
    // Pfn 6 is a plain page, and the last contents in the second PAGE_DATA.
    const tsc = parts.findIndex(([type]) => type === LIBXC.X86_TSC_INFO);
    const end = libxcStream(SMALL_PV, parts.slice(0, tsc)).length;
    changed.fill(0xa5, end - 4096, end);
    const [a, b] = [await readGuestSave([bytes]), await readGuestSave([changed])];
    expect(E.isRight(a)).toBe(true);
    expect(b).toEqual(a);
  });
});

describe('memory', () => {
  const grown = async (source: Iterable<Uint8Array>): Promise<number> => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watched = (function* () {
      for (const chunk of source) {
        yield chunk;
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
    })();
    await lintStream(watched);
    return most;
  };

  it('does not follow a length that lies', async () => {
    const bytes = Uint8Array.from(libxcStream(SMALL_HVM));
    const context = new DataView(bytes.buffer);
    // The MSR policy claims 128 MiB, the most that there may be.
    context.setUint32(40 + 8 + 48 + 4, 0x08000000, true);
    expect(await grown(chunked(bytes, 4096))).toBeLessThan(4 * 2 ** 20);
  });

  it('does not grow with the pages of a stream', async () => {
    const pages = Array.from({ length: 256 }, (_, pfn) => ({ pfn, type: 0 }));
    const parts = partsOf(SMALL_HVM);
    const data = pageData(pages, 'little');
    const many = Array.from({ length: 64 }, () => data);
    const stream = libxcStream(SMALL_HVM, [...parts.slice(0, 3), ...many, ...parts.slice(3)]);
    expect(stream.length).toBeGreaterThan(64 * 2 ** 20);
    const chunk = 1 << 20;
    const views = (function* () {
      for (let at = 0; at < stream.length; at += chunk) yield stream.subarray(at, at + chunk);
    })();
    expect(await grown(views)).toBeLessThan(4 * 2 ** 20);
  });

  it('of a guest with pfns strewn over 52 bits follows their number', async () => {
    const count = 200_000;
    const strewn = Array.from({ length: count }, (_, i) => ({
      pfn: i * 22_517_998_136,
      type: 0xf,
    }));
    const parts = partsOf(SMALL_HVM);
    const stream = libxcStream(SMALL_HVM, [
      ...parts.slice(0, 3),
      pageData(strewn.reverse(), 'little'),
      ...parts.slice(3),
    ]);
    const before = process.memoryUsage().arrayBuffers;
    const guest = await readGuestSave([stream]);
    const used = process.memoryUsage().arrayBuffers - before;
    expect(E.isRight(guest) && guest.right.pages.pfns.length).toBe(count + 3);
    expect(used).toBeLessThan(64 * 8 * count);
  });
});
