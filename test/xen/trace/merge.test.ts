import { fc, test as propertyTest } from '@fast-check/vitest';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { readTraceBytes } from '../../../src/xen/trace/read.ts';
import { TraceReader } from '../../../src/xen/trace/reader.ts';
import { bytesOf, runstate, type Sample, windowOf } from './encode.ts';

const at = (tsc: bigint, vcpu = 0): Sample => runstate(tsc, 1, vcpu, 1, 0);

/**
 * xentrace as it works: CPUs are visited in ascending order at ascending
 * times, and each visit writes what its CPU has recorded since the last one.
 */
const recorded = (events: readonly Sample[][], visits: readonly bigint[]): number[][] => {
  const taken = events.map(() => 0);
  const windows: number[][] = [];
  for (const [index, time] of visits.entries()) {
    const cpu = index % events.length;
    const own = events[cpu] ?? [];
    const from = taken[cpu] ?? 0;
    let to = from;
    while (to < own.length && (own[to]?.tsc ?? 0n) <= time) to += 1;
    taken[cpu] = to;
    if (to > from) windows.push(windowOf(cpu, own.slice(from, to)));
  }
  return windows;
};

/** A host of one to five CPUs, some idle for long, and the visits of xentrace. */
const hostArb = fc
  .record({
    start: fc.bigInt({ min: 0n, max: 2n ** 64n - 2n ** 20n }),
    gaps: fc.array(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 60 }), {
      minLength: 1,
      maxLength: 5,
    }),
    waits: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 10, maxLength: 10 }),
  })
  .map(({ start, gaps, waits }) => {
    const events = gaps.map((own, cpu) => {
      let time = start;
      return own.map((gap) => {
        time += BigInt(gap);
        return at(time, cpu);
      });
    });
    const visits: bigint[] = [];
    for (let time = start; time < start + 60_000n; ) {
      time += BigInt(waits[visits.length % waits.length] ?? 1);
      visits.push(time);
    }
    return { events, visits };
  });

describe('merging', () => {
  propertyTest.prop([hostArb, fc.integer({ min: 1, max: 200 })], { numRuns: 300 })(
    'whatever xentrace records comes out once, in order, however it is cut',
    ({ events, visits }, piece) => {
      const windows = recorded(events, visits);
      const written = windows.length === 0 ? 0 : events.flat().length;
      const times: bigint[] = [];
      const perCpu = events.map(() => 0);
      const reader = new TraceReader((r) => {
        times.push((BigInt(r.tscHi) << 32n) + BigInt(r.tscLo));
        perCpu[r.cpu] = (perCpu[r.cpu] ?? 0) + 1;
        return undefined;
      });
      const bytes = bytesOf(...windows);
      for (let from = 0; from < bytes.length; from += piece) {
        expect(reader.push(bytes.subarray(from, from + piece))).toEqual(E.right(undefined));
      }
      expect(reader.end()).toMatchObject(E.right({ visited: written, windows: windows.length }));
      expect(perCpu).toEqual(events.map((own) => own.length));
      expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    },
  );

  test('TSCs beyond 2^53 keep their order to the cycle', () => {
    const base = 2n ** 63n + 2n ** 53n;
    const bytes = bytesOf(
      windowOf(0, [at(base), at(base + 2n)]),
      windowOf(1, [at(base + 1n), at(base + 3n)]),
    );
    const cpus: number[] = [];
    readTraceBytes(bytes, (r) => {
      cpus.push(r.cpu);
      return undefined;
    });
    expect(cpus).toEqual([0, 1, 0, 1]);
  });

  test('of records at one time the lower CPU comes first', () => {
    const bytes = bytesOf(windowOf(2, [at(5n)]), windowOf(7, [at(5n)]), windowOf(1, [at(5n)]));
    const cpus: number[] = [];
    readTraceBytes(bytes, (r) => {
      cpus.push(r.cpu);
      return undefined;
    });
    expect(cpus).toEqual([1, 2, 7]);
  });

  test('a record without TSC stays behind the one before it of its CPU', () => {
    const plain = { event: 0x10f005, words: [1, 0, 1] };
    const bytes = bytesOf(
      windowOf(0, [plain, at(10n), plain, at(40n)]),
      windowOf(1, [at(20n), plain, at(30n)]),
    );
    const seen: string[] = [];
    readTraceBytes(bytes, (r) => {
      seen.push(`${r.cpu}${r.stamped ? '=' : '~'}${r.tscLo}`);
      return undefined;
    });
    expect(seen).toEqual(['0~0', '0=10', '0~10', '1=20', '1~20', '1=30', '0=40']);
  });
});

describe('the bound on disorder', () => {
  /** Three rounds of two CPUs; in the fourth, CPU 1 brings something old. */
  const late = (tsc: bigint): Uint8Array =>
    bytesOf(
      ...[100n, 200n, 300n, 400n, 500n].flatMap((time) => [
        windowOf(0, [at(time)]),
        windowOf(1, [at(time + 10n)]),
      ]),
      windowOf(0, [at(600n)]),
      windowOf(2, [at(tsc)]),
      windowOf(0, [at(700n)]),
    );

  test('a window of the last two rounds\u2019 time is merged', () => {
    const times: number[] = [];
    const read = readTraceBytes(late(420n), (r) => {
      times.push(r.tscLo);
      return undefined;
    });
    expect(E.isRight(read)).toBe(true);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times).toContain(420);
  });

  test('an older one is an error, not a wrong order', () => {
    const times: number[] = [];
    const read = readTraceBytes(late(150n), (r) => {
      times.push(r.tscLo);
      return undefined;
    });
    expect(read).toEqual(
      E.left({
        code: 'disorder',
        offset: 320,
        cpu: 2,
        tsc: { hi: 0, lo: 150 },
        merged: { hi: 0, lo: 410 },
      }),
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('holding more rounds back accepts it', () => {
    const read = readTraceBytes(late(150n), () => undefined, { holdRounds: 6 });
    expect(E.isRight(read)).toBe(true);
  });

  test('a file that never lets the merge proceed meets the bound on memory', () => {
    const reader = new TraceReader(() => undefined, { maxPendingBytes: 100_000 });
    let left: unknown;
    for (let cpu = 0; cpu < 500 && left === undefined; cpu++) {
      const samples = Array.from({ length: 50 }, (_, i) => at(BigInt(1_000 + i)));
      const pushed = reader.push(bytesOf(windowOf(cpu, samples)));
      if (E.isLeft(pushed)) left = pushed.left;
    }
    expect(left).toMatchObject({ code: 'pending-over-bound', bound: 100_000 });
    expect(reader.totals.peakPendingBytes).toBeLessThan(101_000);
  });

  test('memory does not grow with the file', () => {
    const round = (time: bigint): Uint8Array =>
      bytesOf(
        windowOf(
          0,
          Array.from({ length: 500 }, (_, i) => at(time + BigInt(2 * i))),
        ),
        windowOf(
          1,
          Array.from({ length: 500 }, (_, i) => at(time + BigInt(2 * i + 1))),
        ),
      );
    const peakAfter = (rounds: number): number => {
      const reader = new TraceReader(() => undefined);
      for (let n = 0; n < rounds; n++) reader.push(round(BigInt(n) * 1_000n));
      const end = reader.end();
      expect(end).toMatchObject(E.right({ visited: rounds * 1_000 }));
      return reader.totals.peakPendingBytes;
    };
    const short = peakAfter(10);
    expect(short).toBeLessThanOrEqual(3 * 16_000 + 16_000);
    expect(peakAfter(400)).toBe(short);
  });
});
