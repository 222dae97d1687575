/** Records lost anywhere in a real trace open possibilities, and never make it diverge. */
import { describe, expect, test } from 'vitest';
import { TraceChecker } from '../../src/conform/checker.ts';
import { ExecutingContext, keyDomain, keyVcpu } from '../../src/xen/trace/context.ts';
import { LOST_RECORDS } from '../../src/xen/trace/header.ts';
import type { TraceRecord } from '../../src/xen/trace/record.ts';
import { realTrace, type TraceName } from '../xen/trace/real.ts';
import { dice, stillTrace } from './faults.ts';

/** LOST_RECORDS of a CPU: it stands at the first lost record and ends at the one after the last. */
const lossAt = (first: TraceRecord, next: TraceRecord, count: number, key: number): TraceRecord => {
  const words = [count, keyDomain(key) + keyVcpu(key) * 65536, first.tscLo, first.tscHi];
  return {
    event: LOST_RECORDS,
    cpu: first.cpu,
    tscHi: first.tscHi,
    tscLo: first.tscLo,
    stamped: true,
    offset: first.offset,
    words: words.length,
    word: (i) => words[i] ?? 0,
    ownTscHi: () => next.tscHi,
    ownTscLo: () => next.tscLo,
  };
};

/** What is found when `count` records of one CPU, from place `at` on, had no room. */
const checkedWithout = (records: readonly TraceRecord[], at: number, count: number) => {
  const first = records[at] as TraceRecord;
  const lost = new Set<TraceRecord>();
  let next = first;
  for (let i = at; i < records.length && (lost.size < count || next === first); i++) {
    const r = records[i] as TraceRecord;
    if (r.cpu !== first.cpu) continue;
    if (lost.size < count) lost.add(r);
    else next = r;
  }
  const context = new ExecutingContext();
  for (const r of records) {
    if (r === next && next !== first) break;
    context.observe(r);
  }
  const checker = new TraceChecker();
  const loss = lossAt(first, next, lost.size, context.currentOf(first.cpu));
  for (const r of records) {
    if (r === first) checker.visit(loss);
    if (!lost.has(r)) checker.visit(r);
  }
  return checker.judge.first;
};

/** Losses in each trace. */
const EACH = 8;

describe.each<TraceName>(['05-xl-unpause', '12-domctl-destroy-B-256M', '20-whole-lifecycle'])(
  '%s',
  (name) => {
    test('with a gap anywhere, of any length, is accepted', async () => {
      const records = stillTrace(await realTrace(name));
      const roll = dice(2026);
      for (let n = 0; n < EACH; n++) {
        const at = roll(records.length - 2000);
        const count = 1 + roll(2 ** (1 + roll(11)));
        expect([at, count, checkedWithout(records, at, count)]).toEqual([at, count, null]);
      }
    });

    test('that begins anywhere is accepted', async () => {
      const records = stillTrace(await realTrace(name));
      const roll = dice(417);
      for (let n = 0; n < EACH; n++) {
        const at = roll(records.length);
        const checker = new TraceChecker();
        for (let i = at; i < records.length; i++) checker.visit(records[i] as TraceRecord);
        expect([at, checker.judge.first]).toEqual([at, null]);
      }
    });
  },
);
