import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { TraceError } from '../../../src/xen/trace/errors.ts';
import { traceErrorAdvice, traceErrorText } from '../../../src/xen/trace/errors.ts';
import { readTrace, readTraceBytes } from '../../../src/xen/trace/read.ts';
import { TraceReader } from '../../../src/xen/trace/reader.ts';
import { bytesOf, lost, record, runstate, windowOf } from './encode.ts';
import { realTrace } from './real.ts';

const sample = (tsc: bigint) => runstate(tsc, 1, 0, 1, 0);

/** The error of reading `bytes`, and the offsets of the records seen before it. */
const failureOf = (bytes: Uint8Array): { error: TraceError | undefined; seen: number[] } => {
  const seen: number[] = [];
  const read = readTraceBytes(bytes, (r) => {
    seen.push(r.offset);
    return undefined;
  });
  return { error: E.isLeft(read) ? read.left : undefined, seen };
};

describe('each fault of the format has its error at its byte', () => {
  const good = windowOf(0, [sample(10n), sample(20n)]);

  test.each<[string, readonly (readonly number[])[], TraceError]>([
    [
      'a record before the first CPU_CHANGE',
      [record(sample(1n))],
      { code: 'no-window', offset: 0, event: 0x21101 },
    ],
    [
      'CPU_CHANGE with a TSC',
      [good, record({ event: 0x1f003, tsc: 1n, words: [0, 0] })],
      { code: 'bad-cpu-change', offset: 44, header: 0xa001f003 },
    ],
    [
      'CPU_CHANGE with three words',
      [record({ event: 0x1f003, words: [0, 0, 0] })],
      { code: 'bad-cpu-change', offset: 0, header: 0x3001f003 },
    ],
    [
      'a CPU that no Xen has',
      [windowOf(16_383, [])],
      { code: 'cpu-out-of-range', offset: 0, cpu: 16_383 },
    ],
    [
      'a window of no whole number of words',
      [good, record({ event: 0x1f003, words: [0, 6] })],
      { code: 'window-misaligned', offset: 44, bytes: 6 },
    ],
    [
      'CPU_CHANGE inside a window',
      [record({ event: 0x1f003, words: [3, 44] }), record(sample(1n)), good],
      { code: 'window-unfinished', offset: 28, cpu: 3, missing: 28 },
    ],
    [
      'a record longer than what is left of its window',
      [record({ event: 0x1f003, words: [0, 20] }), record(sample(1n)), record(sample(2n))],
      { code: 'record-over-window', offset: 28, cpu: 0, event: 0x21101, bytes: 16, left: 4 },
    ],
    [
      'a record behind its window',
      [good, record(sample(30n))],
      { code: 'record-over-window', offset: 44, cpu: 0, event: 0x21101, bytes: 16, left: 0 },
    ],
    [
      'LOST_RECORDS of another length',
      [windowOf(0, [{ event: 0x1f001, tsc: 5n, words: [1, 2] }])],
      { code: 'bad-lost-records', offset: 12, header: 0xa001f001 },
    ],
    [
      'a CPU that goes back in time',
      [windowOf(0, [sample(20n), sample(10n)])],
      {
        code: 'tsc-backwards',
        offset: 28,
        cpu: 0,
        tsc: { hi: 0, lo: 10 },
        previous: { hi: 0, lo: 20 },
      },
    ],
  ])('%s', (_, parts, expected) => {
    expect(failureOf(bytesOf(...parts)).error).toEqual(expected);
  });

  test('what stands before the fault is handed out first', () => {
    const { error, seen } = failureOf(bytesOf(good, record(sample(30n))));
    expect(error?.code).toBe('record-over-window');
    expect(seen).toEqual([12, 28]);
  });

  test('the order of two faults is that of their bytes', () => {
    const backwards = windowOf(0, [sample(20n), sample(10n)]);
    const { error } = failureOf(bytesOf(backwards, record(sample(30n))));
    expect(error?.code).toBe('tsc-backwards');
  });

  test('every cut of a file is an error, or falls between windows', () => {
    const whole = bytesOf(good, windowOf(1, [sample(15n)]), windowOf(0, [sample(30n)]));
    const borders = [0, 44, 72, 100];
    for (let cut = 0; cut <= whole.length; cut++) {
      const { error } = failureOf(whole.subarray(0, cut));
      if (borders.includes(cut)) expect(error).toBeUndefined();
      else expect(error?.code).toMatch(/^truncated-(record|window)$/);
      if (error !== undefined) expect(error.offset).toBeLessThanOrEqual(cut);
    }
  });

  test('a window that claims 4 GiB costs what its bytes cost', () => {
    const bomb = bytesOf(record({ event: 0x1f003, words: [0, 0xffff_fffc] }), record(sample(1n)));
    const { error, seen } = failureOf(bomb);
    expect(error).toEqual({
      code: 'truncated-window',
      offset: 28,
      cpu: 0,
      missing: 0xffff_fffc - 16,
    });
    expect(seen).toEqual([12]);
  });

  test('after an error nothing changes the answer', () => {
    const reader = new TraceReader(() => undefined);
    const first = reader.push(bytesOf(record(sample(1n))));
    expect(E.isLeft(first)).toBe(true);
    expect(reader.push(bytesOf(good))).toEqual(first);
    expect(reader.end()).toEqual(first);
    expect(reader.totals.visited).toBe(0);
  });
});

describe('records of xentrace and Xen about the trace', () => {
  test('padding is passed over, also with a TSC out of line', () => {
    const bytes = bytesOf(
      windowOf(0, [
        { event: 0x1f002, words: [1, 2, 3] },
        sample(10n),
        { event: 0x1f002, tsc: 5n, words: [9] },
        sample(20n),
      ]),
    );
    const { error, seen } = failureOf(bytes);
    expect(error).toBeUndefined();
    expect(seen).toEqual([28, 60]);
    expect(readTraceBytes(bytes, () => undefined)).toMatchObject(
      E.right({ records: 5, visited: 2, wraps: 2 }),
    );
  });

  test('lost records stand where the loss began, before what others did meanwhile', () => {
    const bytes = bytesOf(
      windowOf(0, [sample(10n), lost(50n, 7, 0, 1, 20n), sample(51n)]),
      windowOf(1, [sample(15n), sample(30n), sample(60n)]),
    );
    const seen: string[] = [];
    readTraceBytes(bytes, (r) => {
      seen.push(`${r.cpu}@${r.tscLo}/${r.ownTscLo()}`);
      return undefined;
    });
    expect(seen).toEqual(['0@10/10', '1@15/15', '0@20/50', '1@30/30', '0@51/51', '1@60/60']);
  });

  test('a loss said to begin before its CPU\u2019s last record begins there', () => {
    const bytes = bytesOf(windowOf(0, [sample(10n), lost(50n, 7, 0, 1, 3n), sample(51n)]));
    const times: number[] = [];
    const read = readTraceBytes(bytes, (r) => {
      times.push(r.tscLo);
      return undefined;
    });
    expect(E.isRight(read)).toBe(true);
    expect(times).toEqual([10, 10, 51]);
  });

  test('the empty file holds nothing and no fault', () => {
    expect(readTraceBytes(new Uint8Array(0), () => undefined)).toMatchObject(
      E.right({ records: 0, bytes: 0, cpus: [] }),
    );
  });
});

describe('sources', () => {
  const failing = async (source: AsyncIterable<Uint8Array>): Promise<TraceError | undefined> => {
    const read = await readTrace(source, () => undefined);
    return E.isLeft(read) ? read.left : undefined;
  };

  test('an error of the source is an error of the reading, after what came before', async () => {
    let visited = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      yield bytesOf(windowOf(0, [sample(1n)]));
      throw new Error('EIO: disk on fire');
    }
    const read = await readTrace(source(), () => {
      visited += 1;
      return undefined;
    });
    expect(read).toEqual(E.left({ code: 'source', offset: 28, message: 'EIO: disk on fire' }));
    expect(visited).toBe(1);
  });

  test('a cut or damaged .xz file is an error of the source', async () => {
    const { readFileSync } = await import('node:fs');
    const xz = readFileSync('test/fixtures/traces/12-domctl-destroy-B-256M.bin.xz');
    const damaged = Uint8Array.from(xz);
    damaged.fill(0x55, 60_000, 60_100);
    for (const bytes of [xz.subarray(0, 7), xz.subarray(0, 90_000), damaged]) {
      async function* source(): AsyncGenerator<Uint8Array> {
        yield bytes;
      }
      expect((await failing(source()))?.code).toBe('source');
    }
  });

  test('one byte at a time gives what the whole gives', async () => {
    const whole = (await realTrace('12-domctl-destroy-B-256M')).subarray(0, 4_096 * 3);
    const offsets = (push: (reader: TraceReader) => void): number[] => {
      const seen: number[] = [];
      const reader = new TraceReader((r) => {
        seen.push(r.offset);
        return undefined;
      });
      push(reader);
      reader.end();
      return seen;
    };
    const atOnce = offsets((reader) => reader.push(whole));
    const byBytes = offsets((reader) => {
      for (let at = 0; at < whole.length; at++) reader.push(whole.subarray(at, at + 1));
    });
    expect(atOnce.length).toBeGreaterThan(100);
    expect(byBytes).toEqual(atOnce);
  });

  test('a visitor that throws is not taken for a bad trace', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield bytesOf(windowOf(0, [sample(1n)]));
    }
    await expect(
      readTrace(source(), () => {
        throw new RangeError('mine');
      }),
    ).rejects.toThrow('mine');
  });
});

test('every error is told in at most 75 columns', () => {
  const wide = { hi: 0xffff_ffff, lo: 0xffff_ffff };
  const far = Number.MAX_SAFE_INTEGER;
  const errors: readonly TraceError[] = [
    { code: 'no-window', offset: far, event: 0x0fff_ffff },
    { code: 'bad-cpu-change', offset: far, header: 0xffff_ffff },
    { code: 'cpu-out-of-range', offset: far, cpu: 0xffff_ffff },
    { code: 'window-misaligned', offset: far, bytes: 0xffff_ffff },
    { code: 'window-unfinished', offset: far, cpu: 16_382, missing: 0xffff_fffc },
    {
      code: 'record-over-window',
      offset: far,
      cpu: 16_382,
      event: 0x0fff_ffff,
      bytes: 40,
      left: 36,
    },
    { code: 'bad-lost-records', offset: far, header: 0xffff_ffff },
    { code: 'tsc-backwards', offset: far, cpu: 16_382, tsc: wide, previous: wide },
    { code: 'disorder', offset: far, cpu: 16_382, tsc: wide, merged: wide },
    { code: 'pending-over-bound', offset: far, bound: far },
    { code: 'truncated-record', offset: far, bytes: 39 },
    { code: 'truncated-window', offset: far, cpu: 16_382, missing: 0xffff_fffc },
    { code: 'source', offset: far, message: `${'long '.repeat(50)}\nsecond line` },
  ];
  for (const error of errors) {
    const lines = traceErrorText(error).split('\n');
    expect(lines[0]).toBe(`trace: ${error.code} at byte ${far}`);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(75);
    expect(traceErrorAdvice(error)).toMatch(/xentrace|take it anew/);
  }
});
