/**
 * How fast the linter and the guest reader go through large streams, against
 * a plain loop over the same chunks. One line a case: CPU time, median of
 * five. Compile (`npx tsc --noEmit false --outDir DIR`), then run the
 * compiled file.
 *
 * pages: one PAGE_DATA record of 1024 pages (4 MiB), as libxc writes them,
 *   repeated to 2 GiB, from memory and from a file (createReadStream)
 * lists: PAGE_DATA records of 1024 pfns without contents, 512 MiB: every
 *   word has to be judged
 * small: optional records of 8 bytes, 128 MiB: the price of a record
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDomainHeader, encodeImageHeader } from '../src/stream/framing/headers.ts';
import { lintStream } from '../src/xen/migration/lint.ts';
import { readGuestSave } from '../src/xen/migration/read-guest.ts';
import { LIBXC } from '../src/xen/migration/record-types.ts';

const PAGES = 1024;
const CHUNK = 1 << 20;
const GIB = 2 ** 30;

type Source = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const record = (type: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(8 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, body.length, true);
  bytes.set(body, 8);
  return bytes;
};

/** PFINFO types: a page with contents, and an invalid pfn. */
const NOTAB = 0x00000000;
const XTAB = 0xf0000000;

const pageData = (type: number, contents: number): Uint8Array => {
  const body = new Uint8Array(8 + PAGES * (8 + contents));
  const view = new DataView(body.buffer);
  view.setUint32(0, PAGES, true);
  for (let pfn = 0; pfn < PAGES; pfn += 1) {
    view.setUint32(8 + 8 * pfn, pfn, true);
    view.setUint32(12 + 8 * pfn, type, true);
  }
  return record(LIBXC.PAGE_DATA, body);
};

/** Many copies of a record in one chunk. */
const many = (one: Uint8Array, bytes: number): Uint8Array =>
  Buffer.concat(Array.from({ length: Math.floor(bytes / one.length) }, () => one));

const head = Buffer.concat([
  encodeImageHeader(3),
  encodeDomainHeader({ type: 'hvm', xenMajor: 4, xenMinor: 17 }),
  record(LIBXC.STATIC_DATA_END, new Uint8Array(0)),
]);

const params = record(LIBXC.HVM_PARAMS, new Uint8Array(8));

const context = (): Uint8Array => {
  const body = new Uint8Array(48);
  const view = new DataView(body.buffer);
  view.setUint16(0, 1, true);
  view.setUint32(4, 24, true);
  view.setUint32(8, 0x54381286, true);
  view.setUint32(12, 1, true);
  return record(LIBXC.HVM_CONTEXT, body.subarray(0, 40));
};

const tail = Buffer.concat([params, context(), record(LIBXC.END, new Uint8Array(0))]);

/** A stream of `block` again and again, in chunks of 1 MiB. */
const repeated = (block: Uint8Array, bytes: number): Source =>
  function* () {
    yield head;
    for (let done = 0; done < bytes; done += block.length) {
      for (let at = 0; at < block.length; at += CHUNK) yield block.subarray(at, at + CHUNK);
    }
    yield tail;
  };

const pages = repeated(pageData(NOTAB, 4096), 2 * GIB);
// A stream needs pages for its END to be in order, so each begins with some.
const lists = repeated(many(pageData(XTAB, 0), CHUNK), GIB / 2);
const small = repeated(
  Buffer.concat([pageData(XTAB, 0), many(record(0x80000001, new Uint8Array(8)), CHUNK)]),
  GIB / 8,
);

/** What a program pays that only takes the chunks and looks at each once. */
const plainLoop = async (source: Source): Promise<number> => {
  let bytes = 0;
  let sum = 0;
  for await (const chunk of source()) {
    bytes += chunk.byteLength;
    sum += chunk[0] ?? 0;
  }
  return bytes + 0 * sum;
};

const linted = async (source: Source): Promise<number> => {
  const report = await lintStream(source());
  if (report.errors > 0 || report.end !== 'complete') throw new Error(JSON.stringify(report));
  return report.bytes;
};

const guestRead = async (source: Source): Promise<number> => {
  const guest = await readGuestSave(source());
  if (guest._tag === 'Left') throw new Error(JSON.stringify(guest.left));
  return guest.right.pages.pfns.length * 0;
};

const cpuSeconds = async (work: () => Promise<number>): Promise<readonly [number, number]> => {
  const started = process.cpuUsage();
  const bytes = await work();
  const { user, system } = process.cpuUsage(started);
  return [bytes, (user + system) / 1e6];
};

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

const measured = async (name: string, source: Source): Promise<void> => {
  const works = { loop: plainLoop, lint: linted, guest: guestRead } as const;
  const times: Record<keyof typeof works, number[]> = { loop: [], lint: [], guest: [] };
  let bytes = 0;
  for (let round = 0; round < 5; round += 1) {
    for (const key of ['loop', 'lint', 'guest'] as const) {
      const [read, seconds] = await cpuSeconds(() => works[key](source));
      if (key === 'loop') bytes = read;
      times[key].push(seconds);
    }
  }
  const speed = (key: keyof typeof works) => bytes / GIB / median(times[key]);
  const ratio = (key: keyof typeof works) => median(times[key]) / median(times.loop);
  for (const key of ['loop', 'lint', 'guest'] as const) {
    const columns = [
      `${speed(key).toFixed(2)} GiB/s`.padStart(16),
      ratio(key).toFixed(2).padStart(10),
    ];
    console.log(`${name.padEnd(12)} ${key.padEnd(6)}${columns.join('')}`);
  }
};

const withFile = async (use: (source: Source) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'xen-lu-lint-'));
  const path = join(folder, 'stream');
  try {
    const file = await open(path, 'w');
    for await (const chunk of pages()) await file.write(chunk);
    await file.close();
    await use(() => createReadStream(path, { highWaterMark: CHUNK }));
  } finally {
    await rm(folder, { recursive: true });
  }
};

console.log(
  `${'source'.padEnd(12)} ${'what'.padEnd(6)}${'speed'.padStart(16)}${'of loop'.padStart(10)}`,
);
await measured('pages', pages);
await withFile((source) => measured('pages, file', source));
await measured('lists', lists);
await measured('small', small);
