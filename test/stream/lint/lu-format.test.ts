import { it } from '@fast-check/vitest';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect } from 'vitest';
import { recordBytes } from '../../../src/stream/framing/record.ts';
import { RecordReader } from '../../../src/stream/framing/record-reader.ts';
import { luFormat } from '../../../src/stream/lint/lu-format.ts';
import { lintText } from '../../../src/stream/lint/text.ts';
import { readRecords } from '../../../src/stream/reader.ts';
import { RECORD_TYPE } from '../../../src/stream/records/types.ts';
import { encodeStream } from '../../../src/stream/writer.ts';
import { lintStream } from '../../../src/xen/migration/lint.ts';
import { counted } from '../counted.ts';
import { sample } from '../sample.ts';

const written = encodeStream(sample());
if (E.isLeft(written)) throw new Error(JSON.stringify(written.left));
const STREAM = written.right;

/** The bytes of each record, header and padding included; END is the last. */
const records = (): Uint8Array[] => {
  const reader = new RecordReader(STREAM, { start: 24 });
  const list: Uint8Array[] = [];
  for (;;) {
    const next = reader.next();
    if (E.isLeft(next)) throw new Error(JSON.stringify(next.left));
    if (next.right === undefined) return list;
    const { offset, length } = next.right;
    list.push(STREAM.subarray(offset, offset + recordBytes(length)));
  }
};

const lint = (bytes: Uint8Array) => lintStream([bytes], [luFormat]);

describe('a Live Update stream', () => {
  it('is told from a libxc stream and listed record by record', async () => {
    const report = await lint(STREAM);
    expect(report).toMatchObject({ format: 'LU', end: 'complete', findings: [] });
    const names = sample().map(({ name }) => name);
    expect(report.entries.slice(1).map(({ name }) => name)).toEqual([...names, 'END']);
    const domains = report.entries.filter(({ name }) => name === 'DOMAIN');
    expect(domains.map(({ notes }) => notes[0])).toEqual(['d0', 'd1']);
    for (const line of lintText(report).split('\n')) expect(line.length).toBeLessThanOrEqual(75);
  });

  it('may have anything behind its END, since it lies in whole pages', async () => {
    const report = await lint(Buffer.concat([STREAM, Buffer.alloc(4096)]));
    expect(report).toMatchObject({ errors: 0, notes: 1 });
    expect(report.findings).toMatchObject([{ rule: 'F10.5', offset: STREAM.length }]);
  });

  it('is refused where a record stands out of order, with its rule', async () => {
    const list = records();
    const type = (bytes: Uint8Array) => Buffer.from(bytes).readUInt32LE(0);
    const at = list.findIndex((bytes) => type(bytes) === RECORD_TYPE.DOMAIN);
    const moved = [...list.slice(0, at - 1), list[at], list[at - 1], ...list.slice(at + 1)];
    const parts = moved.filter((bytes) => bytes !== undefined);
    const report = await lint(Buffer.concat([STREAM.subarray(0, 24), ...parts]));
    expect(report.findings[0]).toMatchObject({ severity: 'error', rule: 'section 11 rule 3' });
  });
});

const edit = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('swap' as const), at: fc.nat(), to: fc.nat() }),
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('double' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('header' as const),
    at: fc.nat(),
    half: fc.constantFrom(0, 4),
    value: fc.constantFrom(0, 0x80000000, 0x40000099, 0xffffffff, 0x08000000, 8),
  }),
);

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const edited = (edits: readonly Edit[]): Uint8Array => {
  let list = records().map((bytes) => Uint8Array.from(bytes));
  let cut = Number.POSITIVE_INFINITY;
  for (const one of edits) {
    const at = one.at % list.length;
    const bytes = list[at];
    if (bytes === undefined) break;
    if (one.kind === 'cut') cut = 24 + (one.at % STREAM.length);
    else if (one.kind === 'flip') {
      const place = (one.at >>> 5) % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ (1 << one.bit);
    } else if (one.kind === 'header') {
      Buffer.from(bytes.buffer).writeUInt32LE(one.value, one.half);
    } else if (one.kind === 'swap') {
      const other = one.to % list.length;
      [list[at], list[other]] = [list[other] ?? bytes, bytes];
    } else if (one.kind === 'drop') list = list.filter((_, i) => i !== at);
    else list.splice(at, 0, Uint8Array.from(bytes));
  }
  return Buffer.concat([STREAM.subarray(0, 24), ...list]).subarray(0, cut);
};

const seen = { refused: 0, read: 0, allocated: 0, reads: 0 };

/** What any stream may cost, and what each of its bytes. */
const FIXED_BYTES = 2 ** 17;
const BYTES_PER_BYTE = 8;
const FIXED_READS = 4096;
const READS_PER_BYTE = 4;

describe('whatever is done to a Live Update stream', () => {
  it.prop([fc.array(edit, { minLength: 1, maxLength: 3 })], { numRuns: 3000, seed: 11 })(
    'the linter refuses what the reader refuses, first at the same byte',
    async (edits) => {
      const bytes = edited(edits);
      const [read, reading] = await counted(() => readRecords(bytes));
      const [report, linting] = await counted(() => lint(bytes));
      for (const { allocated, reads } of [reading, linting]) {
        expect(allocated).toBeLessThan(FIXED_BYTES + BYTES_PER_BYTE * bytes.length);
        expect(reads).toBeLessThan(FIXED_READS + READS_PER_BYTE * bytes.length);
        seen.allocated = Math.max(seen.allocated, allocated);
        seen.reads = Math.max(seen.reads, reads);
      }
      // Without LU_VERSION at its start it is not recognised for what it is.
      if (report.format !== 'LU') {
        expect(report.errors).toBeGreaterThan(0);
        expect(E.isLeft(read)).toBe(true);
        return;
      }
      seen[E.isLeft(read) ? 'refused' : 'read'] += 1;
      const firstError = report.findings.find(({ severity }) => severity === 'error');
      expect(E.isLeft(read)).toBe(firstError !== undefined);
      if (E.isRight(read)) {
        // The right answer: written again it is as long as it stood, and says the same.
        // Bytes may differ where a reader ignores them: reserved fields (F10.3).
        const again = encodeStream(read.right.records.map(({ record }) => record));
        if (E.isLeft(again)) throw new Error('what was read cannot be written');
        const gone = read.right.passedOver.reduce((n, p) => n + recordBytes(p.length), 0);
        expect(again.right.length).toBe(read.right.bytes - gone);
        const reread = readRecords(again.right);
        if (E.isLeft(reread)) throw new Error('what was written cannot be read');
        expect(reread.right.records.map((r) => r.record)).toEqual(
          read.right.records.map((r) => r.record),
        );
        return;
      }
      const { left } = read;
      if (left.kind === 'framing' && left.error.kind === 'nonzero-padding') return;
      expect(firstError?.offset).toBe(left.offset);
    },
  );

  afterAll(() => {
    expect(seen.refused).toBeGreaterThan(500);
    expect(seen.read).toBeGreaterThan(100);
    // The counters count.
    expect(seen.allocated).toBeGreaterThan(64);
    expect(seen.reads).toBeGreaterThan(64);
  });
});
