/**
 * How fast traces are checked against the machines, beside a plain reading of
 * the same bytes in the same run, on one core. CPU time, median of five, on
 * the bytes of the real traces in memory; and the memory that a long trace
 * takes. Compile (`npx tsc --noEmit false --outDir DIR`), then run the
 * compiled file in the project's folder.
 *
 * read: framing and merge; the visitor looks at the event
 * check: the same, and every record against the machines
 * long: a real trace again and again, TSCs moved on, 1 GiB in all
 */
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { ConformRun } from '../src/conform/conform-trace.ts';
import { decompressed } from '../src/stream/framing/xz.ts';
import { isRunstateChange, oldState } from '../src/xen/trace/events/runstate.ts';
import { CPU_CHANGE, headerEvent, headerStamped, recordBytes } from '../src/xen/trace/header.ts';
import { readTraceBytes } from '../src/xen/trace/read.ts';
import { TraceReader } from '../src/xen/trace/reader.ts';

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

const unpacked = async (name: string): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  const file = readFileSync(`test/fixtures/traces/${name}.bin.xz`);
  for await (const chunk of decompressed([file])) chunks.push(chunk);
  return Buffer.concat(chunks);
};

let sink = 0;

const reading = (bytes: Uint8Array): number => {
  const read = readTraceBytes(bytes, (record) => {
    sink ^= record.event;
    return undefined;
  });
  if (E.isLeft(read)) throw new Error(`unexpected: ${read.left.code}`);
  return read.right.records;
};

const checking = (bytes: Uint8Array): number => {
  const run = new ConformRun();
  const read = readTraceBytes(bytes, run.visit, { onTail: run.tail });
  if (E.isLeft(read)) throw new Error(`unexpected: ${read.left.code}`);
  const result = run.result('bench', read.right);
  if (result.divergence !== null) throw new Error('unexpected: diverges');
  return result.records;
};

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Records per second of CPU time, the median of five. */
const measure = (run: () => number): number => {
  run();
  const rates = Array.from({ length: ROUNDS }, () => {
    const start = cpuSeconds();
    let records = 0;
    while (cpuSeconds() - start < 0.5) records += run();
    return records / (cpuSeconds() - start);
  });
  return rates.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
};

/** The file's TSCs are moved on by 2^38 cycles each time, more than its span: 64 in the high half. */
const STEP = 64;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const moveOn = (bytes: Uint8Array): void => {
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    const header = view.getUint32(at, true);
    if (headerStamped(header) && headerEvent(header) !== CPU_CHANGE) {
      view.setUint32(at + 8, view.getUint32(at + 8, true) + STEP, true);
    }
    at += recordBytes(header);
  }
};

/** Time of the first record of each CPU, and of its last: high halves and low halves. */
const spanOf = (bytes: Uint8Array): { first: bigint; last: bigint } => {
  const view = viewOf(bytes);
  const ends: bigint[] = [];
  let first = -1n;
  let cpu = 0;
  for (let at = 0; at < bytes.length; ) {
    const header = view.getUint32(at, true);
    if (headerEvent(header) === CPU_CHANGE) cpu = view.getUint32(at + 4, true);
    else if (headerStamped(header)) {
      const tsc = view.getBigUint64(at + 4, true);
      ends[cpu] = tsc;
      if (first < 0n || tsc < first) first = tsc;
    }
    at += recordBytes(header);
  }
  return { first, last: ends.reduce((least, end) => (end < least ? end : least)) };
};

/** Who runs on each CPU when the file begins: domain in the low half-word, vCPU in the high one. */
const firstOn = (bytes: Uint8Array): ReadonlyMap<number, number> => {
  const first = new Map<number, number>();
  readTraceBytes(bytes, (r) => {
    if (isRunstateChange(r.event) && oldState(r.event) === 0 && !first.has(r.cpu)) {
      first.set(r.cpu, ((r.word(0) << 16) | (r.word(0) >>> 16)) >>> 0);
    }
    return first.size === 2 ? 'stop' : undefined;
  });
  return first;
};

/** A window of CPU `cpu` that says that its records from `from` to `until` are lost. */
const lossOf = (cpu: number, runs: number, from: bigint, until: bigint): Uint8Array => {
  const bytes = new Uint8Array(40);
  const view = viewOf(bytes);
  for (const [i, word] of [0x2001_f003, cpu, 28, 0xc001_f001].entries()) {
    view.setUint32(4 * i, word, true);
  }
  view.setBigUint64(16, until, true);
  view.setUint32(24, 1, true);
  view.setUint32(28, runs, true);
  view.setBigUint64(32, from, true);
  return bytes;
};

/** One file after the other; where they meet both CPUs have lost records. */
const long = (bytes: Uint8Array, total: number): void => {
  const run = new ConformRun();
  const reader = new TraceReader(run.visit, { onTail: run.tail });
  const { first, last } = spanOf(bytes);
  const runs = firstOn(bytes);
  const start = cpuSeconds();
  for (let done = 0, n = 0n; done < total; done += bytes.length, n++) {
    const step = (n * BigInt(STEP)) << 32n;
    if (n > 0n) {
      for (const cpu of [0, 1]) {
        const from = last + step - (BigInt(STEP) << 32n);
        reader.push(lossOf(cpu, runs.get(cpu) ?? 0, from, first + step - 1n));
      }
    }
    reader.push(bytes);
    moveOn(bytes);
  }
  const end = reader.end();
  if (E.isLeft(end)) throw new Error(`unexpected: ${JSON.stringify(end.left)}`);
  const { checked, divergence } = run.result('bench', end.right);
  if (divergence !== null) throw new Error(`unexpected: ${JSON.stringify(divergence)}`);
  const seconds = cpuSeconds() - start;
  const { records, peakPendingBytes } = end.right;
  console.log(
    `long   ${records} records, ${checked} checked, ` +
      `${(records / seconds / 1e6).toFixed(1)} M records/s;\n` +
      `       at most ${peakPendingBytes} bytes waited, ` +
      `peak RSS of the process ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
  );
};

const files: Uint8Array[] = [];
for (const name of TRACES) files.push(await unpacked(name));
const sumOf = (run: (bytes: Uint8Array) => number) => () =>
  files.reduce((sum, bytes) => sum + run(bytes), 0);
const [read, check] = [measure(sumOf(reading)), measure(sumOf(checking))];
console.log(`read   ${(read / 1e6).toFixed(1)} M records/s`);
console.log(
  `check  ${(check / 1e6).toFixed(1)} M records/s: ${(read / check).toFixed(1)} times the time of reading`,
);
long(files[5] as Uint8Array, GIB);
if (sink === 1) console.log('');
