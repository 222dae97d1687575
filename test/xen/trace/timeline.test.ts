import { describe, expect, test } from 'vitest';
import { readTraceBytes } from '../../../src/xen/trace/read.ts';
import { TimelineBuilder, type TraceTimeline } from '../../../src/xen/trace/timeline.ts';
import { timelineText } from '../../../src/xen/trace/timeline-text.ts';
import { bytesOf, hypercall, lost, runstate, type Sample, windowOf } from './encode.ts';
import { realTrace, scan, scanInOrder, TRACES, type TraceName } from './real.ts';

const timelineOf = (bytes: Uint8Array): TraceTimeline => {
  const builder = new TimelineBuilder();
  readTraceBytes(bytes, (r) => {
    builder.observe(r);
    return undefined;
  });
  return builder.timeline;
};

const ofReal = async (name: TraceName): Promise<TraceTimeline> => timelineOf(await realTrace(name));

const domainOf = (timeline: TraceTimeline, domain: number) => {
  const found = timeline.domains.find((life) => life.domain === domain);
  if (found === undefined) throw new Error(`no d${domain}`);
  return found;
};

const dom = (event: number, tsc: bigint, ...words: readonly number[]): Sample => ({
  event,
  tsc,
  words,
});

describe('real traces', () => {
  test('creating a paused guest', async () => {
    const d1 = domainOf(await ofReal('01-create-paused'), 1);
    expect(d1.created?.cycles).toBeLessThan(d1.scheduled?.cycles ?? 0);
    expect(d1).toMatchObject({ firstRun: null, online: null, offline: null, removed: null });
    expect(d1.sleeps?.count).toBe(3);
    expect(d1.grantsOf).toEqual({ d0: { maps: 4, unmaps: 0 } });
    expect(d1.hypercalls).toEqual({});
  });

  test('pausing a blocked guest takes effect when it wakes, 0.3 s later', async () => {
    const timeline = await ofReal('04-xl-pause');
    const { sleeps, offline } = domainOf(timeline, 1);
    const [rate, asked, done] = [timeline.cyclesPerUs, sleeps?.first.cycles, offline?.first.cycles];
    expect([sleeps?.count, offline?.count]).toEqual([1, 1]);
    const us = ((done ?? 0) - (asked ?? 0)) / (rate ?? 1);
    expect(us).toBeGreaterThan(300_000);
    expect(us).toBeLessThan(330_000);
  });

  test('unpausing brings the vCPU back from offline, then it runs', async () => {
    const d1 = domainOf(await ofReal('05-xl-unpause'), 1);
    expect(d1.online?.count).toBe(1);
    expect(d1.firstRun?.cycles).toBeGreaterThan(d1.online?.first.cycles ?? Infinity);
    expect(d1.sleeps).toBeNull();
  });

  test('pause and unpause by domctl', async () => {
    const timeline = await ofReal('06-domctl-pause-unpause');
    const { sleeps, offline, online } = domainOf(timeline, 1);
    expect([sleeps?.count, offline?.count, online?.count]).toEqual([1, 1, 1]);
    const us =
      ((offline?.first.cycles ?? 0) - (sleeps?.first.cycles ?? 0)) / (timeline.cyclesPerUs ?? 1);
    expect(us).toBeGreaterThan(2_500);
    expect(us).toBeLessThan(3_500);
  });

  test('destroying a guest that never ran', async () => {
    const timeline = await ofReal('12-domctl-destroy-B-256M');
    const d3 = domainOf(timeline, 3);
    expect(d3).toMatchObject({ created: null, firstRun: null, shutdown: null });
    expect(d3.grantsOf).toEqual({ d0: { maps: 0, unmaps: 4 } });
    expect(d3.freed?.cycles).toBeGreaterThan(d3.removed?.cycles ?? Infinity);
    expect(domainOf(timeline, 0).hypercalls.domctl).toEqual({
      entries: 43,
      reentries: 36,
      unclear: 1,
    });
  });

  test('the whole life of two guests', async () => {
    const timeline = await ofReal('20-whole-lifecycle');
    expect(timeline.domains.map(({ domain }) => domain)).toEqual([0, 11, 12]);
    for (const domain of [11, 12]) {
      const life = domainOf(timeline, domain);
      const steps = [life.created, life.scheduled, life.firstRun, life.removed, life.freed];
      const times = steps.map((at) => at?.cycles ?? Number.NaN);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(life.grantsOf).toEqual({ d0: { maps: 212, unmaps: 212 } });
    }
    const [d11, d12] = [domainOf(timeline, 11), domainOf(timeline, 12)];
    expect(d11.shutdown).toMatchObject({ reason: 0, vcpu: 0 });
    expect(d11.decreased).toEqual({ extents: 2048, pages: 2048 });
    expect(d12.shutdown).toBeNull();
    // d11 was paused once and started once; d12 has two vCPUs and was never paused.
    expect([d11.online?.count, d11.offline?.count]).toEqual([2, 2]);
    expect([d12.online?.count, d12.offline?.count]).toEqual([2, 2]);
  });

  test.each(TRACES)('%s: every call and mapping is counted once', async (name) => {
    const timeline = await ofReal(name);
    const records = scan(await realTrace(name));
    const count = (event: number): number => records.filter((r) => r.event === event).length;
    const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
    const entries = timeline.domains.flatMap(({ hypercalls }) =>
      Object.values(hypercalls).map((call) => call.entries),
    );
    const mappers = timeline.domains.flatMap(({ grantsOf }) => Object.values(grantsOf));
    expect(sum(entries) + sum(Object.values(timeline.unattributed))).toBe(count(0x20100d));
    expect(sum(mappers.map(({ maps }) => maps))).toBe(count(0x10f001));
    expect(sum(mappers.map(({ unmaps }) => unmaps))).toBe(count(0x10f002));
    expect(sum(timeline.domains.map(({ sleeps }) => sleeps?.count ?? 0))).toBe(count(0x28003));
    expect(sum(timeline.domains.map(({ wakes }) => wakes?.count ?? 0))).toBe(count(0x28004));
    expect(timeline.contradictions).toBe(0);
  });

  test.each(TRACES)('%s: the places of the moments are those of their records', async (name) => {
    const timeline = await ofReal(name);
    const records = scanInOrder(await realTrace(name));
    const start = records[0]?.tsc ?? 0n;
    for (const life of timeline.domains) {
      for (const at of [life.created, life.scheduled, life.firstRun, life.removed, life.freed]) {
        if (at === null) continue;
        const there = records.find(({ offset }) => offset === at.offset);
        expect(there?.tsc).toBe(start + BigInt(at.cycles));
      }
    }
  });
});

describe('made traces', () => {
  test('an id that is given away while RCU holds the old domain has two lives', () => {
    const { domains } = timelineOf(
      bytesOf(
        windowOf(0, [
          dom(0x41001, 10n, 5),
          dom(0x41002, 20n, 5),
          dom(0x41001, 30n, 5),
          dom(0x28001, 31n, 5),
          dom(0x28002, 40n, 5),
          dom(0x41002, 50n, 5),
          dom(0x28002, 60n, 5),
        ]),
      ),
    );
    const times = domains.map(({ created, scheduled, removed, freed }) =>
      [created, scheduled, removed, freed].map((at) => at?.cycles),
    );
    expect(times).toEqual([
      [0, undefined, 10, 30],
      [20, 21, 40, 50],
    ]);
  });

  test('mappings by an unknown vCPU are told apart', () => {
    const { domains } = timelineOf(
      bytesOf(
        windowOf(0, [
          dom(0x10f001, 1n, 5),
          runstate(2n, 2, 0, 1, 0),
          dom(0x10f001, 3n, 5),
          dom(0x10f002, 4n, 5),
        ]),
      ),
    );
    expect(domains.find(({ domain }) => domain === 5)?.grantsOf).toEqual({
      unknown: { maps: 1, unmaps: 0 },
      d2: { maps: 1, unmaps: 1 },
    });
  });

  test('the first reason for a shutdown stays', () => {
    const { domains } = timelineOf(
      bytesOf(windowOf(0, [dom(0x28007, 1n, 5, 0, 3), dom(0x28007, 2n, 5, 1, 0)])),
    );
    expect(domains[0]?.shutdown).toEqual({ cycles: 0, offset: 12, reason: 3, vcpu: 0 });
  });

  test('lost records are counted, and a domctl across them is unclear', () => {
    const timeline = timelineOf(
      bytesOf(
        windowOf(0, [
          runstate(1n, 0, 0, 1, 0),
          hypercall(2n, 36),
          lost(9n, 843, 0, 0, 3n),
          hypercall(10n, 36),
        ]),
      ),
    );
    expect(timeline.lost).toEqual({
      records: 843,
      first: [{ cpu: 0, count: 843, at: { cycles: 2, offset: 44 } }],
    });
    expect(timeline.domains[0]?.hypercalls.domctl).toEqual({
      entries: 2,
      reentries: 0,
      unclear: 1,
    });
  });

  test('a file that names more domains than there are ids is not kept whole', () => {
    const adds = Array.from({ length: 70_000 }, (_, i) => dom(0x41001, BigInt(i), i));
    const chunks = Array.from({ length: 70 }, (_, n) =>
      windowOf(0, adds.slice(n * 1000, n * 1000 + 1000)),
    );
    const timeline = timelineOf(bytesOf(...chunks));
    expect(timeline.domains).toHaveLength(65_536);
    expect(timeline.livesLeftOut).toBe(70_000 - 65_536);
  });

  test('HVM guests\u2019 hypercalls and multicalls are counted for their domain', () => {
    const { domains } = timelineOf(
      bytesOf(
        windowOf(0, [
          runstate(1n, 6, 0, 1, 0),
          { event: 0x82012, words: [29] },
          { event: 0x20200e, tsc: 2n, words: [12] },
          { event: 0x82012, words: [0x8000_0001] },
          { event: 0x10f004, words: [1, 0, 2, 0, 0, 6] },
        ]),
      ),
    );
    expect(domains[0]).toMatchObject({
      domain: 6,
      hypercalls: { sched_op: { entries: 1 }, other: { entries: 1 } },
      subcalls: { memory_op: 1 },
      p2mEntries: 1,
    });
  });
});

describe('the text', () => {
  test.each(TRACES)('%s fits in 75 columns and survives JSON', async (name) => {
    const timeline = await ofReal(name);
    const text = timelineText(timeline);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
    expect(timelineText(JSON.parse(JSON.stringify(timeline)))).toBe(text);
  });

  test('says what was seen of a life, and nothing that was not', async () => {
    const text = timelineText(await ofReal('20-whole-lifecycle'));
    const d11 = text.slice(text.indexOf('\nd11\n'), text.indexOf('\nd12\n'));
    expect(d11).toContain('reason 0 poweroff, by vCPU 0');
    expect(d11).toContain('2048 extents, 2048 pages');
    expect(d11).toContain('by d0: 212 maps, 212 unmaps');
    expect(d11).not.toContain('hypercalls');
    const d12 = text.slice(text.indexOf('\nd12\n'));
    expect(d12).not.toContain('shutdown');
  });

  test('without run times it counts cycles, and shows losses', () => {
    const text = timelineText(
      timelineOf(bytesOf(windowOf(3, [dom(0x41001, 5n, 9), lost(30n, 7, 0, 0, 20n)]))),
    );
    expect(text).toContain('TSC rate unknown');
    expect(text).toContain('lost: 7 records');
    expect(text).toContain('15 cyc  CPU 3: 7');
  });
});
