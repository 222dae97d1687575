import { createReadStream } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from '../../../src/xen/trace/decode.ts';
import { readTrace, readTraceBytes, readTraceFile } from '../../../src/xen/trace/read.ts';
import { wordsOf } from '../../../src/xen/trace/record.ts';
import { realTrace, scan, scanInOrder, TRACES, type TraceName, tracePath } from './real.ts';

/** Records of each file as its recorder counted them, and the step's domctl entries. */
const RECORDED: Record<TraceName, { readonly records: number; readonly domctls: number }> = {
  '01-create-paused': { records: 133_115, domctls: 17 },
  '04-xl-pause': { records: 46_477, domctls: 1 },
  '05-xl-unpause': { records: 60_057, domctls: 1 },
  '06-domctl-pause-unpause': { records: 60_816, domctls: 3 },
  '12-domctl-destroy-B-256M': { records: 28_304, domctls: 43 },
  '20-whole-lifecycle': { records: 123_059, domctls: 0 },
};

describe.each(TRACES)('%s', (name) => {
  test('has as many records as were recorded, in one order by time', async () => {
    const bytes = await realTrace(name);
    const expected = scanInOrder(bytes);
    const offsets: number[] = [];
    let wrong = 0;
    const read = readTraceBytes(bytes, (r) => {
      const want = expected[offsets.length];
      const same =
        want !== undefined &&
        want.cpu === r.cpu &&
        want.event === r.event &&
        want.tsc === (BigInt(r.tscHi) << 32n) + BigInt(r.tscLo) &&
        want.words.every((word, index) => word === r.word(index));
      if (!same) wrong += 1;
      offsets.push(r.offset);
      return undefined;
    });
    expect(read).toMatchObject(
      E.right({
        records: RECORDED[name].records,
        visited: expected.length,
        bytes: bytes.length,
        cpus: [0, 1],
        stopped: false,
      }),
    );
    expect(wrong).toBe(0);
    expect(offsets).toEqual(expected.map(({ offset }) => offset));
  });

  test('holds back a small part of the file', async () => {
    const bytes = await realTrace(name);
    const read = readTraceBytes(bytes, () => undefined);
    const windows = scan(bytes).filter(({ event }) => event === 0x1f003);
    const largest = Math.max(...windows.map(({ words }) => words[1] ?? 0));
    const totals = E.getOrElseW(() => undefined)(read);
    expect(totals?.peakPendingBytes).toBeGreaterThan(0);
    // Three rounds of two CPUs, the most that can wait.
    expect(totals?.peakPendingBytes).toBeLessThanOrEqual(6 * largest);
  });

  test('needs the two rounds held back: with one, the disorder is noticed', async () => {
    const read = readTraceBytes(await realTrace(name), () => undefined, { holdRounds: 1 });
    expect(read).toMatchObject(E.left({ code: 'disorder' }));
  });

  test('has a name for every record, and the words are not lost on the way', async () => {
    const bytes = await realTrace(name);
    const named = new Map<string, number>();
    let domctls = 0;
    readTraceBytes(bytes, (r) => {
      const event = decodeRecord(r);
      named.set(event.type, (named.get(event.type) ?? 0) + 1);
      if (event.type === 'pv_hypercall' && event.op === 36) domctls += 1;
      return undefined;
    });
    expect(named.get('unknown')).toBeUndefined();
    expect(domctls).toBe(RECORDED[name].domctls);
    const counted = new Map<number, number>();
    for (const { event } of scan(bytes)) counted.set(event, (counted.get(event) ?? 0) + 1);
    const runstates = [...counted].filter(([event]) => (event & ~0x330) === 0x21001);
    expect(named.get('runstate_change')).toBe(runstates.reduce((sum, [, count]) => sum + count, 0));
    expect(named.get('sched_wake')).toBe(counted.get(0x28004));
    expect(named.get('pv_page_fault')).toBe(counted.get(0x201104));
    expect(named.get('mem_page_grant_unmap')).toBe(counted.get(0x10f002));
    expect(named.get('mem_decrease_reservation')).toBe(counted.get(0x10f005));
  });

  test('reads the same from the .xz file as from plain bytes in odd pieces', async () => {
    const bytes = await realTrace(name);
    const sum = { plain: 0, xz: 0, pieces: 0 };
    const add = (key: keyof typeof sum) => (r: { offset: number; event: number }) => {
      sum[key] = (sum[key] * 31 + r.offset + r.event) % 2 ** 31;
      return undefined;
    };
    const plain = readTraceBytes(bytes, add('plain'));
    const xz = await readTraceFile(tracePath(name), add('xz'));
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 4_093) yield bytes.subarray(at, at + 4_093);
    }
    const inPieces = await readTrace(pieces(), add('pieces'));
    expect(E.isRight(plain)).toBe(true);
    expect(sum.xz).toBe(sum.plain);
    expect(sum.pieces).toBe(sum.plain);
    for (const read of [xz, inPieces]) {
      expect(read).toMatchObject(E.right({ records: RECORDED[name].records }));
    }
  });
});

describe('what the steps left in the records', () => {
  const eventsOf = async (name: TraceName, pick: (event: number) => boolean) => {
    const found: { readonly event: number; readonly words: readonly number[] }[] = [];
    readTraceBytes(await realTrace(name), (r) => {
      if (pick(r.event)) found.push({ event: r.event, words: wordsOf(r) });
      return undefined;
    });
    return found;
  };

  test('creating: the structure first, then the scheduler', async () => {
    const found = await eventsOf('01-create-paused', (e) => e === 0x41001 || e === 0x28001);
    expect(found).toEqual([
      { event: 0x41001, words: [1] },
      { event: 0x28001, words: [1] },
    ]);
  });

  test('pausing a blocked vCPU: asked for long before it takes effect', async () => {
    const found = await eventsOf('04-xl-pause', (e) => e === 0x28003 || (e & 0xff0ff) === 0x21031);
    expect(found).toEqual([
      { event: 0x28003, words: [1, 0] },
      { event: 0x21231, words: [0x10000] },
    ]);
  });

  test('destroying: unmaps, last reference, RCU', async () => {
    const found = await eventsOf(
      '12-domctl-destroy-B-256M',
      (e) => e === 0x10f002 || e === 0x41002 || e === 0x28002,
    );
    expect(found.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 4 }, () => 0x10f002),
      0x41002,
      0x28002,
    ]);
    expect(found.every(({ words }) => words[0] === 3)).toBe(true);
  });

  test('ballooning: records without a TSC stand where their CPU was', async () => {
    const bytes = await realTrace('20-whole-lifecycle');
    let unstamped = 0;
    let before = { hi: 0, lo: 0 };
    readTraceBytes(bytes, (r) => {
      const order = r.tscHi - before.hi || r.tscLo - before.lo;
      if (order < 0) throw new Error(`out of order at ${r.offset}`);
      before = { hi: r.tscHi, lo: r.tscLo };
      if (!r.stamped) unstamped += 1;
      return undefined;
    });
    expect(unstamped).toBe(2048);
  });
});

test('a reading that is ended early closes the file', async () => {
  let visited = 0;
  const source = createReadStream(tracePath('01-create-paused'), { highWaterMark: 4096 });
  const read = await readTrace(source, () => {
    visited += 1;
    return visited === 100 ? 'stop' : undefined;
  });
  expect(read).toMatchObject(E.right({ visited: 100, stopped: true }));
  expect(source.destroyed).toBe(true);
});

test('a file that cannot be opened is an error of the source', async () => {
  const read = await readTraceFile('test/fixtures/traces/none.bin', () => undefined);
  expect(read).toMatchObject(E.left({ code: 'source', offset: 0 }));
});
