/**
 * How fast traces are read, against a plain loop over the same bytes that
 * looks at every word once. CPU time, median of five, on the bytes of the
 * real traces in memory; and the memory that a long trace takes. Compile
 * (`npx tsc --noEmit false --outDir DIR`), then run the compiled file in the
 * project's folder.
 *
 * merge: framing and merge, the visitor reads the event and one word
 * decode: and every record becomes a named event
 * context: merge, and the vCPU of every record
 * timeline: merge, and the summary by domain
 * 64 CPUs: as merge, on a made trace of 64 CPUs taking turns
 * xz: as merge, from the .xz file
 * long: a real trace again and again, TSCs moved on, 2 GiB in all
 */
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { decompressed } from '../src/stream/framing/xz.ts';
import { ExecutingContext } from '../src/xen/trace/context.ts';
import { decodeRecord } from '../src/xen/trace/decode.ts';
import { CPU_CHANGE, headerEvent, headerStamped, recordBytes } from '../src/xen/trace/header.ts';
import type { TraceVisitor } from '../src/xen/trace/merge.ts';
import { readTraceBytes, readTraceFile } from '../src/xen/trace/read.ts';
import { TraceReader } from '../src/xen/trace/reader.ts';
import { TimelineBuilder } from '../src/xen/trace/timeline.ts';

const TRACES = [
  '01-create-paused',
  '04-xl-pause',
  '05-xl-unpause',
  '06-domctl-pause-unpause',
  '12-domctl-destroy-B-256M',
  '20-whole-lifecycle',
];
const ROUNDS = 5;
const GIB = 2 ** 30;

const pathOf = (name: string): string => `test/fixtures/traces/${name}.bin.xz`;

const unpacked = async (name: string): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompressed([readFileSync(pathOf(name))])) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

let sink = 0;

/** The peer: header by header, every word once. Answers the number of records. */
const plainScan = (bytes: Uint8Array): number => {
  const view = viewOf(bytes);
  let records = 0;
  let sum = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = at + recordBytes(view.getUint32(at, true));
    for (; at < end; at += 4) sum ^= view.getUint32(at, true);
    records += 1;
  }
  sink ^= sum;
  return records;
};

const recordsOf = (bytes: Uint8Array, visit: TraceVisitor): number => {
  const read = readTraceBytes(bytes, visit);
  if (E.isLeft(read)) throw new Error(`unexpected: ${read.left.code}`);
  return read.right.records;
};

/** A made trace: rounds of `cpus` windows, whose records take turns. */
const made = (cpus: number, rounds: number, each: number): Uint8Array => {
  const bytes = new Uint8Array(rounds * cpus * (12 + 16 * each));
  const view = viewOf(bytes);
  let at = 0;
  for (let round = 0; round < rounds; round++) {
    for (let cpu = 0; cpu < cpus; cpu++) {
      for (const word of [0x2001_f003, cpu, 16 * each]) {
        view.setUint32(at, word, true);
        at += 4;
      }
      for (let n = 0; n < each; n++) {
        const tsc = (round * each + n) * cpus + cpu;
        for (const word of [0x9002_8001, tsc, 1, cpu]) {
          view.setUint32(at, word, true);
          at += 4;
        }
      }
    }
  }
  return bytes;
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const report = (label: string, rate: number, peer: number): void => {
  const ratio = (peer / rate).toFixed(1);
  console.log(
    `${label.padEnd(10)} ${(rate / 1e6).toFixed(1).padStart(6)} M records/s  ` +
      `plain scan ${(peer / 1e6).toFixed(1)} M: ${ratio} times its time`,
  );
};

/** Records per second of CPU time, the median of five. */
const measure = async (run: () => number | Promise<number>): Promise<number> => {
  await run();
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = cpuSeconds();
    let records = 0;
    while (cpuSeconds() - start < 0.5) records += await run();
    rates.push(records / (cpuSeconds() - start));
  }
  return median(rates);
};

const readEvent: TraceVisitor = (record) => {
  sink ^= record.event ^ record.word(0);
  return undefined;
};

const visitors: readonly (readonly [string, () => TraceVisitor])[] = [
  ['merge', () => readEvent],
  [
    'decode',
    () => (record) => {
      sink ^= decodeRecord(record).type.length;
      return undefined;
    },
  ],
  [
    'context',
    () => {
      const context = new ExecutingContext();
      return (record) => {
        sink ^= context.observe(record);
        return undefined;
      };
    },
  ],
  [
    'timeline',
    () => {
      const timeline = new TimelineBuilder();
      return (record) => {
        timeline.observe(record);
        return undefined;
      };
    },
  ],
];

/** Moves every TSC of `bytes` on by 2^35 cycles, 15 s, which is more than the file's span. */
const moveOn = (bytes: Uint8Array): void => {
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    const header = view.getUint32(at, true);
    if (headerStamped(header) && headerEvent(header) !== CPU_CHANGE) {
      view.setUint32(at + 8, view.getUint32(at + 8, true) + 8, true);
    }
    at += recordBytes(header);
  }
};

const long = (bytes: Uint8Array, total: number): void => {
  const timeline = new TimelineBuilder();
  const reader = new TraceReader((record) => {
    timeline.observe(record);
    return undefined;
  });
  const start = cpuSeconds();
  for (let done = 0; done < total; done += bytes.length) {
    reader.push(bytes);
    moveOn(bytes);
  }
  const end = reader.end();
  if (E.isLeft(end)) throw new Error(`unexpected: ${end.left.code}`);
  const seconds = cpuSeconds() - start;
  const { records, bytes: read, peakPendingBytes } = end.right;
  console.log(
    `long       ${(read / GIB).toFixed(2)} GiB, ${records} records, ` +
      `${(records / seconds / 1e6).toFixed(1)} M records/s with timeline;\n` +
      `           at most ${peakPendingBytes} bytes waited, ` +
      `peak RSS of the process ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
  );
};

const main = async (): Promise<void> => {
  const files = await Promise.all(TRACES.map(unpacked));
  const sumOf = (run: (bytes: Uint8Array) => number) => () =>
    files.reduce((sum, bytes) => sum + run(bytes), 0);
  const peer = await measure(sumOf(plainScan));
  for (const [label, visitor] of visitors) {
    report(label, await measure(sumOf((bytes) => recordsOf(bytes, visitor()))), peer);
  }
  const wide = made(64, 20, 100);
  report(
    '64 CPUs',
    await measure(() => recordsOf(wide, readEvent)),
    await measure(() => plainScan(wide)),
  );
  const fromXz = async (): Promise<number> => {
    const read = await readTraceFile(pathOf('01-create-paused'), readEvent);
    return E.isLeft(read) ? 0 : read.right.records;
  };
  report('xz', await measure(fromXz), peer);
  const [first] = files;
  if (first !== undefined) long(first, 2 * GIB);
  if (sink === 1) console.log('');
};

await main();
