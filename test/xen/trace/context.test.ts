import { describe, expect, test } from 'vitest';
import {
  ExecutingContext,
  keyDomain,
  keyVcpu,
  UNKNOWN_VCPU,
  vcpuKey,
  vcpuName,
} from '../../../src/xen/trace/context.ts';
import { readTraceBytes } from '../../../src/xen/trace/read.ts';
import { bytesOf, hypercall, lost, runstate, type Sample, windowOf } from './encode.ts';
import { realTrace, scanInOrder, TRACES } from './real.ts';

const RUNNING = 0;
const RUNNABLE = 1;
const BLOCKED = 2;
const IDLE = 32767;

/** In whose context each record stands. */
const contextsOf = (...windows: readonly (readonly number[])[]) => {
  const context = new ExecutingContext();
  const names: string[] = [];
  readTraceBytes(bytesOf(...windows), (r) => {
    names.push(vcpuName(context.observe(r)));
    return undefined;
  });
  return { names, contradictions: context.contradictions, context };
};

const call = (tsc: bigint): Sample => hypercall(tsc, 36);

describe('who executes', () => {
  test('is unknown until a record tells, and for as long as the CPU switches', () => {
    const { names, contradictions } = contextsOf(
      windowOf(0, [
        call(1n),
        runstate(2n, IDLE, 0, RUNNING, RUNNABLE),
        runstate(3n, 4, 1, RUNNABLE, RUNNING),
        call(4n),
        runstate(5n, 4, 1, RUNNING, BLOCKED),
        call(6n),
      ]),
    );
    expect(names).toEqual(['d?v?', 'd?v?', 'd?v?', 'd4v1', 'd4v1', 'd?v?']);
    expect(contradictions).toBe(0);
  });

  test.each<[string, Sample]>([
    ['CONTINUE_RUNNING', { event: 0x21002, tsc: 1n, words: [0x0004_0001] }],
    ['SWITCH_INFCONT', { event: 0x28011, tsc: 1n, words: [4, 1, 100, 200] }],
    ['LOST_RECORDS', lost(1n, 5, 4, 1, 0n)],
  ])('%s tells it', (_, sign) => {
    const { names } = contextsOf(windowOf(0, [sign, call(2n)]));
    expect(names).toEqual(['d?v?', 'd4v1']);
  });

  test('SWITCH tells it where runstates are not traced, and agrees with them where they are', () => {
    const to = (tsc: bigint, ...words: number[]): Sample => ({ event: 0x2800a, tsc, words });
    const alone = contextsOf(
      windowOf(0, [to(1n, 4, 1, 5, 0), call(2n), call(3n), to(4n, 5, 0, 4, 1), call(5n)]),
    );
    expect(alone.names).toEqual(['d?v?', 'd5v0', 'd5v0', 'd5v0', 'd4v1']);
    const both = contextsOf(
      windowOf(0, [
        to(1n, 4, 1, 5, 0),
        runstate(2n, 4, 1, RUNNING, BLOCKED),
        runstate(3n, 5, 0, RUNNABLE, RUNNING),
        call(4n),
      ]),
    );
    expect(both.names).toEqual(['d?v?', 'd4v1', 'd?v?', 'd5v0']);
    expect([alone.contradictions, both.contradictions]).toEqual([0, 0]);
  });

  test('is a matter of each CPU', () => {
    const { names } = contextsOf(
      windowOf(0, [runstate(1n, 4, 0, RUNNABLE, RUNNING), call(3n)]),
      windowOf(1, [runstate(2n, 5, 0, RUNNABLE, RUNNING), call(4n)]),
    );
    expect(names).toEqual(['d?v?', 'd?v?', 'd4v0', 'd5v0']);
  });

  test('another vCPU waking up changes nothing', () => {
    const { names } = contextsOf(
      windowOf(0, [
        runstate(1n, 4, 0, RUNNABLE, RUNNING),
        runstate(2n, 5, 0, BLOCKED, RUNNABLE),
        call(3n),
      ]),
    );
    expect(names[2]).toBe('d4v0');
  });

  test('two running on one CPU is a contradiction', () => {
    const { contradictions, context } = contextsOf(
      windowOf(0, [
        runstate(1n, 4, 0, RUNNABLE, RUNNING),
        runstate(2n, 5, 0, RUNNABLE, RUNNING),
        runstate(3n, 4, 0, RUNNING, BLOCKED),
      ]),
    );
    expect(contradictions).toBe(2);
    expect(context.currentOf(0)).toBe(UNKNOWN_VCPU);
  });

  test('a vCPU packs into one number and back', () => {
    for (const [domain, vcpu] of [
      [0, 0],
      [32767, 8191],
      [65535, 65535],
    ] as const) {
      const key = vcpuKey(domain, vcpu);
      expect([keyDomain(key), keyVcpu(key)]).toEqual([domain, vcpu]);
      expect(key).toBeGreaterThanOrEqual(0);
    }
  });
});

describe.each(TRACES)('%s', (name) => {
  test('never contradicts itself, and knows all callers but the first few', async () => {
    const bytes = await realTrace(name);
    const context = new ExecutingContext();
    let [calls, unknown] = [0, 0];
    readTraceBytes(bytes, (r) => {
      const executing = context.observe(r);
      if (r.event === 0x20100d) {
        calls += 1;
        if (executing === UNKNOWN_VCPU) unknown += 1;
        else expect(keyDomain(executing)).not.toBe(IDLE);
      }
      return undefined;
    });
    expect(context.contradictions).toBe(0);
    // Until each CPU's first scheduler record nothing can be known.
    const records = scanInOrder(bytes);
    const firstSign = [0, 1].map((cpu) =>
      records.findIndex((r) => r.cpu === cpu && r.event >>> 16 === 2 && r.event >>> 12 !== 0x22),
    );
    const early = records.filter(
      (r, index) => r.event === 0x20100d && index < (firstSign[r.cpu] ?? 0),
    );
    expect(unknown).toBeLessThanOrEqual(20);
    expect(unknown).toBeGreaterThanOrEqual(early.length);
    expect(calls).toBe(records.filter(({ event }) => event === 0x20100d).length);
  });
});
