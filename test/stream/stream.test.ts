/** Whole streams: written, read back, cut, bent, and with records that nobody knows. */

import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { describeStreamError, sourcesOfStreamError } from '../../src/stream/errors.ts';
import { encodeRecord, REC_LENGTH_MAX } from '../../src/stream/framing/record.ts';
import { readRecords, readStream } from '../../src/stream/reader.ts';
import { type LuRecord, RECORD_NAMES, record } from '../../src/stream/records/registry.ts';
import { encodeStream, StreamWriter } from '../../src/stream/writer.ts';
import { d1, dom0, globals, sample, smallest } from './sample.ts';

const right = <A>(e: E.Either<unknown, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left));
  return e.right;
};
const left = <L>(e: E.Either<L, unknown>): L => {
  if (E.isRight(e)) throw new Error('no error');
  return e.left;
};
const recordsOf = (bytes: Uint8Array): LuRecord[] =>
  right(readRecords(bytes)).records.map((r) => r.record);

const whole = right(encodeStream(sample()));

/** The stream with a foreign record put in at a record's start. */
const insert = (bytes: Uint8Array, at: number, type: number, body: Uint8Array): Uint8Array =>
  Uint8Array.from([
    ...bytes.subarray(0, at),
    ...right(encodeRecord(type, body)),
    ...bytes.subarray(at),
  ]);
const offsetOf = (name: string): number =>
  right(readRecords(whole)).records.find((r) => r.record.name === name)?.offset ?? -1;

describe('a stream', () => {
  test('is read as it was written', () => {
    expect(recordsOf(whole)).toStrictEqual(sample());
    expect(right(encodeStream(recordsOf(whole)))).toStrictEqual(whole);
    expect(right(readRecords(whole)).bytes).toBe(whole.length);
    const kinds = new Set(sample().map((r) => r.name));
    expect(RECORD_NAMES.filter((n) => !kinds.has(n))).toEqual(['END', 'PAGE_COUNTS']);
  });

  test('is offered by names and domids', () => {
    const stream = right(readStream(whole));
    expect(stream.version).toEqual({ xenMajor: 4, xenMinor: 17 });
    expect(stream.globals.M2P.frames).toEqual({ start: 0x80, count: 2 });
    expect(stream.globals.VIRQ_HANDLERS?.handlers).toHaveLength(1);
    expect(Object.keys(stream.domains)).toEqual(['0', '1']);
    expect(stream.domains[0]?.VCPU.map((v) => v.vcpu)).toEqual([0, 1]);
    expect(stream.domains[0]?.VCPU_TIMERS.map((v) => v.vcpu)).toEqual([1]);
    expect(stream.domains[0]?.P2M).toBeUndefined();
    expect(stream.domains[1]?.P2M?.root).toBe(0x500);
    expect(stream.domains[1]?.VCPU_TIMERS).toEqual([]);
    expect(stream.domains[1]?.DOMAIN_STATE.shutdownCode).toBe(0);
    expect(stream.passedOver).toEqual([]);
  });

  test('ends at END, whatever lies behind it', () => {
    const page = new Uint8Array(whole.length + 4096).fill(0xa5);
    page.set(whole);
    const stream = right(readStream(page));
    expect(stream.bytes).toBe(whole.length);
    expect(Object.keys(stream.domains)).toEqual(['0', '1']);
  });

  test('may hold no domain at all', () => {
    expect(right(readStream(right(encodeStream(globals())))).domains).toEqual({});
  });

  test('is a multiple of 8 bytes, with every record at one', () => {
    expect(whole.length % 8).toBe(0);
    for (const { offset } of right(readRecords(whole)).records) expect(offset % 8).toBe(0);
  });
});

/** Frozen: a stream written today is read by every later version, so these never change. */
const GOLDEN: readonly (readonly [string, string])[] = [
  ['image header', 'ffffffffffffffff58454e46000000030000000000000000'],
  ['LU_VERSION', '00000040080000000400000011000000'],
  ['REGIONS', '010000400c00000001000000000100001000000000000000'],
  ['M2P', '02000040080000008000000002000000'],
  [
    'DOMAIN',
    '100000402100000001000200010000004002000100000000000000000000020000000000' +
      '000001000000000000000000',
  ],
  ['PAGES', '1200004016000000020000000004000000050000200000000200000000100000'],
  ['XENHEAP', '130000400f00000001000000100500000100000000010000'],
  ['PERMISSIONS', '150000400c00000000000000000000000000000000000000'],
  ['X86_TSC_INFO', '080000001800000000000000009f240001000000000000000300000000000000'],
  ['EVTCHN_ABI', '200000400900000000ff0f00008000000000000000000000'],
  ['EVTCHN_PORTS', '2200004018000000010000000400000002000001000000010000000104000000'],
  ['EVTCHN_PRIORITIES', '23000040040000000000000000000000'],
  [
    'GRANT_TABLE',
    '300000401c00000001200000000000000001000000080000000000040400000000001000' + '00000000',
  ],
  ['MAPTRACK', '310000400c00000000000000000000000000000000000000'],
  ['DOMAIN_STATE', '1e0000400c00000000020100000000000000000100000000'],
  ['END_OF_DOMAIN', '1f00004000000000'],
  ['END', '0000000000000000'],
];

test('the bytes of a small stream are what they have always been', () => {
  const bytes = Buffer.from(right(encodeStream(smallest())));
  expect(bytes.subarray(0, 24).toString('hex')).toBe(GOLDEN[0]?.[1]);
  const { records } = right(readRecords(bytes));
  const ends = [...records.slice(1).map((r) => r.offset), bytes.length - 8, bytes.length];
  const names = [...records.map((r) => r.record.name), 'END'];
  let at = 24;
  const dump = names.map((name, i) => {
    const hex = bytes.subarray(at, ends[i]).toString('hex');
    at = ends[i] ?? at;
    return [name, hex];
  });
  expect(dump).toEqual(GOLDEN.slice(1));
  expect(GOLDEN.map(([, hex]) => hex).join('')).toBe(bytes.toString('hex'));
});

describe('a stream that is cut short', () => {
  test('is refused at every length', () => {
    for (let n = 0; n < whole.length; n++) {
      const error = left(readStream(whole.subarray(0, n)));
      expect(['framing', 'no-end']).toContain(error.kind);
      expect(describeStreamError(error)).toMatch(/^0x[0-9a-f]+: \S/);
    }
  });

  test('says that END is missing when it ends between two records', () => {
    const end = whole.length - 8;
    expect(left(readStream(whole.subarray(0, end)))).toEqual({ kind: 'no-end', offset: end });
  });
});

describe('a stream with one bit changed', () => {
  /** Zero when written, passed over when read (F10.3): image header, TSC_INFO, HVM_PARAMS. */
  const reservedAt = (): Set<number> => {
    const places = new Set<number>();
    for (let i = 16; i < 24; i++) places.add(i);
    for (const { offset, record: r } of right(readRecords(whole)).records) {
      const from = { X86_TSC_INFO: 8 + 20, HVM_PARAMS: 8 + 4 }[r.name as string];
      if (from !== undefined) for (let i = 0; i < 4; i++) places.add(offset + from + i);
    }
    return places;
  };

  test('is refused, or says just what its bytes say', () => {
    const reserved = reservedAt();
    const kinds = new Map<string, number>();
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const at = bit >> 3;
      const bent = whole.slice();
      bent[at] = (bent[at] as number) ^ (1 << (bit & 7));
      const read = readRecords(bent);
      const kind = E.isLeft(read) ? read.left.kind : 'read';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (E.isLeft(read)) {
        expect(sourcesOfStreamError(read.left).length).toBeGreaterThan(0);
        continue;
      }
      // A known record turned into an unknown optional one is told of.
      if (read.right.passedOver.length > 0) continue;
      const again = right(encodeStream(read.right.records.map((r) => r.record)));
      if (reserved.has(at)) expect(again).toStrictEqual(whole);
      else expect(Buffer.compare(again, bent.subarray(0, again.length))).toBe(0);
    }
    // Every way of failing is met, and not everything fails.
    for (const kind of ['framing', 'body', 'order', 'read'])
      expect(kinds.get(kind), kind).toBeGreaterThan(20);
  });

  test('in many places at once still gives an answer', () => {
    const edits = fc.array(
      fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(12)),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(edits, (list) => {
        const bent = whole.slice();
        for (const [at, by, move] of list) {
          bent[at] = (bent[at] as number) ^ by;
          bent.copyWithin((at & ~7) + 8 * move, at & ~7, (at & ~7) + 64);
        }
        const read = readRecords(bent);
        if (E.isLeft(read) || read.right.passedOver.length > 0) return;
        const again = right(encodeStream(read.right.records.map((r) => r.record)));
        expect(recordsOf(again)).toStrictEqual(read.right.records.map((r) => r.record));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('records that the reader does not know', () => {
  const body = Uint8Array.of(1, 2, 3);

  test('are refused when mandatory', () => {
    const at = offsetOf('PAGES');
    expect(left(readStream(insert(whole, at, 0x4000_0777, body)))).toMatchObject({
      kind: 'framing',
      offset: at,
      error: { kind: 'unknown-mandatory', type: 0x4000_0777 },
    });
  });

  test('are passed over when optional, and told of', () => {
    const at = offsetOf('PAGES');
    const read = right(readRecords(insert(whole, at, 0xc000_0777, body)));
    expect(read.records.map((r) => r.record)).toStrictEqual(sample());
    expect(read.passedOver).toEqual([{ type: 0xc000_0777, offset: at, length: 3, domid: 0 }]);
  });

  test('are refused when they are of the migration stream', () => {
    expect(left(readStream(insert(whole, 24, 0x1, body)))).toMatchObject({
      error: { kind: 'unknown-mandatory', type: 1 },
    });
  });
});

describe('lengths that lie', () => {
  const bombs: [string, number, number][] = [
    ['the whole limit', 4, REC_LENGTH_MAX],
    ['beyond the limit', 4, REC_LENGTH_MAX + 1],
    ['four billion', 4, 0xffff_ffff],
  ];
  test.each(bombs)('of a record: %s', (_, field, value) => {
    const at = offsetOf('PAGES');
    const bent = whole.slice();
    new DataView(bent.buffer).setUint32(at + field, value, true);
    expect(left(readStream(bent))).toMatchObject({ kind: 'framing', offset: at });
  });

  test('of a list inside a record: four billion runs of pages', () => {
    const at = offsetOf('PAGES');
    const bent = whole.slice();
    new DataView(bent.buffer).setUint32(at + 8, 0xffff_ffff, true);
    expect(left(readStream(bent))).toMatchObject({
      kind: 'body',
      record: 'PAGES',
      domid: 0,
      offset: at + 8,
      error: { kind: 'length', path: 'runs' },
    });
  });

  test('cost no memory', () => {
    const at = offsetOf('EVTCHN_PORTS');
    const bent = whole.slice();
    new DataView(bent.buffer).setUint32(at + 8, 0x7fff_ffff, true);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 200; i++) left(readStream(bent));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
  });
});

describe('the image header', () => {
  test.each([
    ['marker', 0, 0],
    ['id', 8, 0],
    ['version', 15, 2],
    ['byte order', 17, 1],
  ])('is checked: %s', (_, at, value) => {
    const bent = whole.slice();
    bent[at] = value;
    expect(left(readStream(bent))).toMatchObject({ error: { kind: 'bad-header' } });
  });

  test('is all that an empty input lacks', () => {
    expect(left(readStream(new Uint8Array(0)))).toMatchObject({ error: { kind: 'truncated' } });
  });
});

describe('a writer', () => {
  test('keeps its first error and hands out no bytes', () => {
    const writer = new StreamWriter();
    for (const r of globals()) right(writer.append(r));
    const bad = writer.append(record('M2P', { frames: { start: 1, count: 1 } }));
    expect(left(bad)).toMatchObject({ kind: 'order', error: { kind: 'duplicate' } });
    for (const r of d1()) expect(writer.append(r)).toEqual(bad);
    expect(writer.finish()).toEqual(bad);
  });

  test('says which field of which domain does not fit', () => {
    const records = sample().map((r) =>
      r.name === 'PIRQS' ? record('PIRQS', { pirqs: [{ pirq: 2 ** 32, irq: 1 }] }) : r,
    );
    const error = left(encodeStream(records));
    expect(error).toMatchObject({
      kind: 'body',
      record: 'PIRQS',
      domid: 0,
      error: { kind: 'range', path: 'pirqs[0].pirq', offset: 4 },
    });
    expect(describeStreamError(error)).toContain('PIRQS of d0: pirqs[0].pirq at byte 4');
  });

  test('writes nothing that a reader would refuse', () => {
    let written = 0;
    const lists = fc.oneof(
      fc.subarray(sample(), { minLength: sample().length - 4 }),
      fc.subarray(sample()),
    );
    fc.assert(
      fc.property(lists, (records) => {
        const bytes = encodeStream(records);
        if (E.isLeft(bytes)) return;
        written++;
        expect(recordsOf(bytes.right)).toStrictEqual(records);
      }),
      { numRuns: 500 },
    );
    expect(written).toBeGreaterThan(10);
  });

  test('gives the same bytes for the same records', () => {
    expect(right(encodeStream([...globals(), ...dom0(), ...d1()]))).toStrictEqual(whole);
  });

  test('refuses a body above the limit', () => {
    const frames = new Uint32Array(REC_LENGTH_MAX / 4);
    const records = [...globals().slice(0, 3), record('TRACE_BUFFERS', { frames })];
    expect(left(encodeStream(records))).toMatchObject({ error: { kind: 'record-too-long' } });
  });
});
