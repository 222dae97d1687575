import { fc, test } from '@fast-check/vitest';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect } from 'vitest';
import { decodeRecord } from '../../../src/xen/trace/decode.ts';
import { type TraceError, traceErrorText } from '../../../src/xen/trace/errors.ts';
import { TraceReader } from '../../../src/xen/trace/reader.ts';
import { TimelineBuilder } from '../../../src/xen/trace/timeline.ts';
import { timelineText } from '../../../src/xen/trace/timeline-text.ts';
import { realTrace, scan } from './real.ts';

/** Windows of a real trace, enough of them for several rounds. */
const whole = await realTrace('12-domctl-destroy-B-256M');
const borders = scan(whole)
  .filter(({ event }) => event === 0x1f003)
  .map(({ offset }) => offset);
const seed = whole.subarray(0, borders[12]);

interface Outcome {
  readonly error: TraceError | undefined;
  readonly visited: number;
  readonly ordered: boolean;
  readonly peak: number;
  readonly text: string;
}

/** Everything that is built on the reader, over `bytes` in pieces. */
const readAll = (bytes: Uint8Array, piece = 4096): Outcome => {
  const timeline = new TimelineBuilder();
  let [hi, lo, ordered] = [0, 0, true];
  const reader = new TraceReader((r) => {
    ordered &&= r.tscHi > hi || (r.tscHi === hi && r.tscLo >= lo);
    [hi, lo] = [r.tscHi, r.tscLo];
    decodeRecord(r);
    timeline.observe(r);
    return undefined;
  });
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  const end = reader.end();
  return {
    error: E.isLeft(end) ? end.left : undefined,
    visited: reader.totals.visited,
    ordered,
    peak: reader.totals.peakPendingBytes,
    text: timelineText(timeline.timeline),
  };
};

const soundFor = (bytes: Uint8Array, outcome: Outcome): void => {
  expect(outcome.ordered).toBe(true);
  expect(outcome.visited * 4).toBeLessThanOrEqual(bytes.length);
  expect(outcome.peak).toBeLessThanOrEqual(bytes.length);
  for (const line of outcome.text.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
  if (outcome.error === undefined) return;
  expect(outcome.error.offset).toBeGreaterThanOrEqual(0);
  expect(outcome.error.offset).toBeLessThanOrEqual(bytes.length);
  expect(traceErrorText(outcome.error)).toContain(outcome.error.code);
};

const intact = readAll(seed);

describe('bytes that nobody promised anything about', () => {
  test('the seed itself is sound', () => {
    expect(intact.error).toBeUndefined();
    expect(intact.visited).toBeGreaterThan(1000);
  });

  test.prop([fc.nat(seed.length)], { numRuns: 150 })('cut anywhere', (cut) => {
    const bytes = seed.subarray(0, cut);
    const outcome = readAll(bytes);
    soundFor(bytes, outcome);
    if (borders.includes(cut)) expect(outcome.error).toBeUndefined();
    else expect(outcome.error?.code).toMatch(/^truncated-/);
  });

  test.prop(
    [fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 })],
    { numRuns: 250 },
  )('bytes changed: a typed error, or records in order', (changes) => {
    const bytes = Uint8Array.from(seed);
    for (const [at, value] of changes) bytes[at] = value;
    soundFor(bytes, readAll(bytes));
  });

  test.prop(
    [
      fc.nat(borders.length > 12 ? 11 : 0),
      fc.oneof(
        fc.constant(0xffff_fffc),
        fc.integer({ min: 0, max: 0x3fff_ffff }).map((n) => n * 4),
      ),
    ],
    { numRuns: 150 },
  )('a window of any other length is noticed', (index, length) => {
    const bytes = Uint8Array.from(seed);
    const view = new DataView(bytes.buffer);
    const at = (borders[index] ?? 0) + 8;
    fc.pre(view.getUint32(at, true) !== length);
    view.setUint32(at, length, true);
    const outcome = readAll(bytes);
    soundFor(bytes, outcome);
    expect(outcome.error?.code).toMatch(
      /^(truncated-window|truncated-record|window-unfinished|record-over-window)$/,
    );
  });

  test.prop([fc.nat(11), fc.nat(11)], { numRuns: 100 })(
    'two windows swapped: an error unless the order by time stays clear',
    (a, b) => {
      fc.pre(a < b);
      const piece = (n: number): Uint8Array => seed.subarray(borders[n], borders[n + 1]);
      const order = Array.from({ length: 12 }, (_, n) => (n === a ? b : n === b ? a : n));
      const bytes = new Uint8Array(Buffer.concat(order.map(piece)));
      const outcome = readAll(bytes);
      soundFor(bytes, outcome);
      if (outcome.error === undefined) expect(outcome.visited).toBe(intact.visited);
      else expect(outcome.error.code).toMatch(/^(disorder|tsc-backwards)$/);
    },
  );

  test.prop([fc.uint8Array({ maxLength: 4000 }), fc.integer({ min: 1, max: 64 })], {
    numRuns: 200,
  })('noise', (bytes, piece) => {
    soundFor(bytes, readAll(bytes, piece));
  });

  test.prop([fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 400 })], {
    numRuns: 200,
  })('noise inside a window', (words) => {
    const bytes = new Uint8Array(12 + 4 * words.length);
    const view = new DataView(bytes.buffer);
    for (const [index, word] of [0x2001_f003, 0, 4 * words.length, ...words].entries()) {
      view.setUint32(4 * index, word, true);
    }
    soundFor(bytes, readAll(bytes));
  });
});
