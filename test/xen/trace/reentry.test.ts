import { describe, expect, test } from 'vitest';
import { ExecutingContext, UNKNOWN_VCPU, type VcpuKey } from '../../../src/xen/trace/context.ts';
import { EntryTracks } from '../../../src/xen/trace/entry-tracks.ts';
import { readTraceBytes } from '../../../src/xen/trace/read.ts';
import {
  type EntrySight,
  type EntryTrack,
  type EntryVerdict,
  judgeEntry,
} from '../../../src/xen/trace/reentry.ts';
import { TscRate } from '../../../src/xen/trace/tsc-rate.ts';
import { u64Of } from './encode.ts';
import { realTrace, type Scanned, scanInOrder, type TraceName } from './real.ts';

const enter = (op: number, at = 0n, cmd = -1): EntrySight => ({
  kind: 'hypercall',
  op,
  cmd,
  at: u64Of(at),
});
const domctl = (at = 0n) => enter(36, at);
const timer = enter(24, 0n, 8);
const iret = (at: bigint) => enter(23, at);
const kept: EntrySight = { kind: 'kept' };
const switched: EntrySight = { kind: 'switched' };

/** The verdict on the last of the sights, 100 cycles being at once. */
const verdictOn = (sights: readonly EntrySight[], bound: number | undefined = 100) => {
  let track: EntryTrack | undefined;
  let verdict: EntryVerdict | undefined;
  for (const sight of sights) ({ track, verdict } = judgeEntry(track, sight, bound));
  return verdict;
};

describe('the rule', () => {
  test.each<[string, readonly EntrySight[], EntryVerdict | undefined]>([
    ['the first of all', [domctl()], 'first'],
    ['after scheduler work alone', [domctl(), kept, domctl()], 'reentry'],
    ['after nothing at all', [domctl(), domctl()], 'reentry'],
    ['at once after the timer', [domctl(), timer, iret(50n), domctl(150n)], 'reentry'],
    ['later after the timer', [domctl(), timer, iret(50n), domctl(151n)], 'unclear'],
    ['scheduler work, then the timer', [domctl(), kept, timer, iret(5n), domctl(6n)], 'reentry'],
    ['the timer, then scheduler work', [domctl(), timer, iret(5n), kept, domctl(6n)], 'unclear'],
    ['after losing the CPU', [domctl(), switched, domctl()], 'unclear'],
    ['without the timer before the iret', [domctl(), iret(5n), domctl(6n)], 'first'],
    ['after another vcpu_op', [domctl(), enter(24, 0n, 6), iret(5n), domctl(6n)], 'first'],
    ['the timer without iret', [domctl(), timer, domctl()], 'first'],
    ['after another call', [domctl(), enter(17), domctl()], 'first'],
    ['two timers', [domctl(), timer, iret(5n), timer, iret(6n), domctl(7n)], 'first'],
    ['a sysctl after a domctl', [domctl(), kept, enter(35)], 'first'],
    ['mmu_update is not judged', [enter(1), enter(1)], undefined],
    ['iret is not judged', [domctl(), iret(3n)], undefined],
  ])('%s', (_, sights, expected) => {
    expect(verdictOn(sights)).toBe(expected);
  });

  test('without the TSC\u2019s rate the timer case stays unclear', () => {
    const sights = [domctl(), timer, iret(50n), domctl(51n)];
    let track: EntryTrack | undefined;
    let verdict: EntryVerdict | undefined;
    for (const sight of sights) ({ track, verdict } = judgeEntry(track, sight, undefined));
    expect(verdict).toBe('unclear');
  });

  test('the past is not changed by judging', () => {
    const { track } = judgeEntry(undefined, domctl(), 100);
    const copy = structuredClone(track);
    judgeEntry(track, timer, 100);
    judgeEntry(track, switched, 100);
    expect(track).toEqual(copy);
  });
});

/** Verdicts on the entries of `op`, in the order of the trace. */
const verdictsOf = async (name: TraceName, op: number): Promise<EntryVerdict[]> => {
  const context = new ExecutingContext();
  const rate = new TscRate();
  const entries = new EntryTracks(rate);
  const verdicts: EntryVerdict[] = [];
  readTraceBytes(await realTrace(name), (r) => {
    rate.observe(r);
    const verdict = entries.observe(r, context.observe(r));
    if (verdict !== undefined && (r.word(0) & 0xf_ffff) === op) verdicts.push(verdict);
    return undefined;
  });
  return verdicts;
};

/** Each vCPU's records by a plain walk: hypercalls, and scheduler work on it. */
const byVcpu = (records: readonly Scanned[]): Map<number, Scanned[]> => {
  const running = new Map<number, number>();
  const found = new Map<number, Scanned[]>();
  for (const r of records) {
    const isRunstate = (r.event & ~0x330) === 0x21001;
    const who = r.event === 0x21002 || isRunstate ? r.words[0] : running.get(r.cpu);
    if (isRunstate && (r.event & 0x30) === 0) running.set(r.cpu, r.words[0] ?? -1);
    else if (isRunstate && (r.event & 0x300) === 0) running.delete(r.cpu);
    else if (r.event === 0x21002) running.set(r.cpu, r.words[0] ?? -1);
    if (who === undefined || !(r.event === 0x20100d || r.event === 0x21002 || isRunstate)) continue;
    const own = found.get(who);
    if (own === undefined) found.set(who, [r]);
    else own.push(r);
  }
  return found;
};

describe('the evidence', () => {
  test('destroying 256 MiB: one call, 38 entries, 36 of 37 continuations told', async () => {
    const verdicts = await verdictsOf('12-domctl-destroy-B-256M', 36);
    // The call stands between two markers; the five domctls behind it are of the tools.
    expect(verdicts.slice(0, 38).filter((verdict) => verdict === 'first')).toHaveLength(1);
    expect(verdicts.slice(0, 38).filter((verdict) => verdict === 'reentry')).toHaveLength(36);
    expect(verdicts.slice(0, 38).filter((verdict) => verdict === 'unclear')).toHaveLength(1);
    expect(verdicts.slice(38)).toEqual(['first', 'first', 'first', 'first', 'first']);
  });

  test('the 38 entries are all that stands between the markers of the call', async () => {
    const records = scanInOrder(await realTrace('12-domctl-destroy-B-256M'));
    /** The recorder's sched_op with an unknown command around each step. */
    const markerOf = (r: Scanned): number | undefined => {
      const [word = 0, cmd = 0] = r.words;
      const isMarker = r.event === 0x20100d && word % 2 ** 20 === 29 && cmd >>> 16 === 0x4d4b;
      return isMarker ? cmd & 0xffff : undefined;
    };
    const cpusBehind = new Map<number, number[]>();
    let marker = -1;
    for (const r of records) {
      marker = markerOf(r) ?? marker;
      if (r.event !== 0x20100d || r.words[0] !== 36) continue;
      cpusBehind.set(marker, [...(cpusBehind.get(marker) ?? []), r.cpu]);
    }
    expect([...cpusBehind]).toEqual([
      [0x8e, Array.from({ length: 38 }, () => 0)],
      [0x8f, Array.from({ length: 5 }, () => 1)],
    ]);
  });

  test('creating: 17 domctls, none of which goes on', async () => {
    const verdicts = await verdictsOf('01-create-paused', 36);
    expect(verdicts).toEqual(Array.from({ length: 17 }, () => 'first'));
  });

  test.each<[TraceName, number]>([
    ['04-xl-pause', 1],
    ['05-xl-unpause', 1],
    ['06-domctl-pause-unpause', 3],
  ])('%s: each domctl is one entry', async (name, count) => {
    expect(await verdictsOf(name, 36)).toEqual(Array.from({ length: count }, () => 'first'));
  });

  test('from iret to entry: at most 10 us for those told, 109 us for the fresh call', async () => {
    const records = scanInOrder(await realTrace('12-domctl-destroy-B-256M'));
    const cyclesPerUs = 2293;
    const gaps: number[] = [];
    for (const own of byVcpu(records).values()) {
      for (const [index, r] of own.entries()) {
        const before = own[index - 1];
        if (r.event !== 0x20100d || r.words[0] !== 36) continue;
        if (before?.event !== 0x20100d || before.words[0] !== 23) continue;
        gaps.push(Number(r.tsc - before.tsc) / cyclesPerUs);
      }
    }
    const atOnce = gaps.filter((us) => us < 30);
    expect(atOnce.length).toBeGreaterThan(20);
    expect(Math.min(...atOnce)).toBeGreaterThan(3.5);
    expect(Math.max(...atOnce)).toBeLessThan(10.5);
    const others = gaps.filter((us) => us >= 30);
    expect(Math.min(...others)).toBeGreaterThan(90);
  });
});

describe('the TSC\u2019s rate', () => {
  test.each<[TraceName]>([
    ['01-create-paused'],
    ['12-domctl-destroy-B-256M'],
    ['20-whole-lifecycle'],
  ])('of %s is that of the host, to a hundredth', async (name) => {
    const rate = new TscRate();
    readTraceBytes(await realTrace(name), (r) => {
      rate.observe(r);
      return undefined;
    });
    // One machine recorded them all; no run time of one file is in another's.
    expect(rate.cyclesPerUs).toBeGreaterThan(2293 * 0.99);
    expect(rate.cyclesPerUs).toBeLessThan(2293 * 1.01);
  });

  test('is unknown without run times', () => {
    expect(new TscRate().cyclesPerUs).toBeUndefined();
  });
});

test('entries by an unknown vCPU are not judged', async () => {
  const rate = new TscRate();
  const entries = new EntryTracks(rate);
  const nobody: VcpuKey = UNKNOWN_VCPU;
  const verdicts = new Set<EntryVerdict | undefined>();
  readTraceBytes(await realTrace('12-domctl-destroy-B-256M'), (r) => {
    verdicts.add(entries.observe(r, nobody));
    return undefined;
  });
  expect([...verdicts]).toEqual([undefined]);
});
