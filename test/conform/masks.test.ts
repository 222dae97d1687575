/** `xentrace -e MASK`: whichever classes are traced, a real trace is accepted. */
import { expect, test } from 'vitest';
import { TraceChecker } from '../../src/conform/checker.ts';
import { LOST_RECORDS } from '../../src/xen/trace/header.ts';
import type { TraceRecord } from '../../src/xen/trace/record.ts';
import { realTrace, type TraceName } from '../xen/trace/real.ts';
import { stillTrace } from './faults.ts';

/** Subclasses as public/trace.h has them; each may be off. */
const CLASSES = [0x21, 0x28, 0x41, 0x10f, 0x201, 0x202] as const;

const masked = (records: readonly TraceRecord[], on: (n: number) => boolean) =>
  records.filter(({ event }) => {
    const n = CLASSES.indexOf((event >>> 12) as (typeof CLASSES)[number]);
    return n < 0 || event === LOST_RECORDS || on(n);
  });

test.each<TraceName>(['06-domctl-pause-unpause', '12-domctl-destroy-B-256M', '20-whole-lifecycle'])(
  '%s',
  async (name) => {
    const records = stillTrace(await realTrace(name));
    for (let mask = 0; mask < 2 ** CLASSES.length; mask++) {
      const checker = new TraceChecker();
      for (const r of masked(records, (n) => ((mask >> n) & 1) === 1)) checker.visit(r);
      expect([mask, checker.judge.first]).toEqual([mask, null]);
    }
  },
);
