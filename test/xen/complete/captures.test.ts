/** Every capture of the fixtures, held against counts of its text alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../../../src/xen/capture/read-capture.ts';
import type { Reading } from '../../../src/xen/capture/reading.ts';
import type { CompletedHost } from '../../../src/xen/complete/complete-host.ts';
import { summarise } from '../../../src/xen/complete/summarise.ts';
import { parseConsole } from '../../../src/xen/console/parse-console.ts';
import { completed } from './completing.ts';
import { reading as made } from './readings.ts';

const REAL = 'test/fixtures/real-xen';
const KEYS = `${REAL}/traces/keys`;

const read = async (path: string): Promise<Reading> => {
  const got = await readCapture(path);
  if (isLeft(got)) throw new Error(got.left.problems.map((p) => p.what).join('; '));
  return got.right;
};

const matches = (text: string, pattern: RegExp): RegExpMatchArray[] => [...text.matchAll(pattern)];

interface TextRow {
  readonly owner: number;
  readonly mfn: number;
}

/** Rows of a pattern under the last heading before each, which names a domain. */
const rowsUnder = (text: string, heading: RegExp, row: RegExp): TextRow[] => {
  const rows: TextRow[] = [];
  let owner = -1;
  for (const line of text.split('\n')) {
    owner = Number(heading.exec(line)?.[1] ?? owner);
    const mfn = row.exec(line)?.[1];
    if (mfn !== undefined) rows.push({ owner, mfn: Number.parseInt(mfn, 16) });
  }
  return rows;
};

const grantRows = (text: string): TextRow[] =>
  rowsUnder(text, /grant-table for remote d(\d+)/, /\] +\d+ 0x([0-9a-f]+) 0x[0-9a-f]{8} /);
const xenPages = (text: string): TextRow[] =>
  rowsUnder(text, /General information for domain (\d+)/, /XenPage ([0-9a-f]{16}):/);

/** Sum of the four pin bytes of all rows: real hosts map for the host only. */
const pinSum = (text: string): number =>
  matches(text, /\] +\d+ 0x[0-9a-f]+ 0x([0-9a-f]{8}) /g).reduce(
    (n, [, pin = '']) => n + matches(pin, /../g).reduce((k, [b]) => k + Number.parseInt(b, 16), 0),
    0,
  );

/** Inter-domain ports of the text: each names its own domain, port, and the other end. */
const pairsInText = (text: string): number => {
  const ends = new Set<string>();
  let domid = '';
  for (const line of text.split('\n')) {
    domid = /Event channel information for domain (\d+)/.exec(line)?.[1] ?? domid;
    const m = /^\(XEN\) +(\d+) \[.*s=3 .*d=(\d+) p=(\d+)/.exec(line);
    if (m !== null) ends.add(`${domid}/${m[1]} ${m[2]}/${m[3]}`);
  }
  return [...ends].filter((e) => ends.has(e.split(' ').reverse().join(' '))).length / 2;
};

const summaryOfText = (text: string) => ({
  domains: matches(text, /General information for domain \d+/g).length,
  vcpus: matches(text, /VCPU\d+: CPU/g).length,
  pages: matches(text, /nr_pages=(\d+)/g).reduce((n, [, pages]) => n + Number(pages), 0),
  grantsActive: grantRows(text).length,
  grantMappings: pinSum(text),
  eventChannels: matches(text, /\[\d\/\d\/[^\]]*\]: s=\d/g).length,
  interdomainPairs: pairsInText(text),
});

/** Everything that the text shows is in it, every frame is whose the text says. */
const holdsWhatTextShows = (text: string, { host, contradictions }: CompletedHost): void => {
  expect(summarise(host)).toEqual(summaryOfText(text));
  const rows = [...grantRows(text), ...xenPages(text)];
  expect(rows.length).toBeGreaterThan(0);
  for (const { owner, mfn } of rows) expect(host.xen.frames.owner[mfn]).toBe(owner);
  expect(contradictions.filter((c) => c.shown !== null)).toEqual([]);
};

/** Count and type count of each XenPage line, by plain reading of its hexadecimal digits. */
const countsMatch = (text: string, { host }: CompletedHost): void => {
  const lines = matches(text, /XenPage ([0-9a-f]+): caf=c([0-9a-f]+), taf=e4([0-9a-f]+)/g);
  expect(lines.length).toBeGreaterThan(0);
  for (const [, mfn = '', general = '', type = ''] of lines) {
    const f = Number.parseInt(mfn, 16);
    expect(host.xen.frames.generalCount[f]).toBe(Number.parseInt(general, 16));
    expect(host.xen.frames.typeCount[f]).toBe(Number.parseInt(type, 16));
  }
};

describe('captures', () => {
  test.each(['A-dom0-only', 'B-one-pv-guest', 'C-many-guests'])('%s', async (folder) => {
    const done = completed(await read(`${REAL}/${folder}`));
    const text = readFileSync(`${REAL}/${folder}/xl-dmesg.txt`, 'latin1');
    holdsWhatTextShows(text, done);
    countsMatch(text, done);
    expect(done.contradictions).toEqual([]);
  });

  test('the boot log fixes RAM and the base of the image', async () => {
    const { host } = completed(await read(`${REAL}/C-many-guests`));
    expect(host.hardware.ram).toEqual([
      { start: 0, count: 0x9f },
      { start: 0x100, count: 0x7ffda - 0x100 },
      { start: 0x100000, count: 0x40000 },
    ]);
    expect(host.xen.image.start).toBe(0x7f800);
    // shared_info of d3 lies at 0x7fbb7, so 2 MiB are left for the image.
    expect(host.xen.image.count).toBe(512);
    expect(host.xen.commandLine).toMatch(/ liveupdate=32M$/);
  });

  test('what xl says of guests that are shut down, halted or paused', async () => {
    const { host } = completed(await read(`${REAL}/C-many-guests`));
    const life = Object.values(host.xen.domains).map((d) => [
      d.name,
      d.type,
      d.shutdown.state === 'complete' ? d.shutdown.code : null,
      d.controllerPauseCount,
    ]);
    expect(life).toEqual([
      ['Domain-0', 'pv', null, 0],
      ['pv1', 'pv', null, 0],
      ['pv2', 'pv', null, 1],
      ['pv3-off', 'pv', 0, 0],
      ['pv-crash', 'pv', 3, 0],
      ['pvgrub', 'pv', null, 1],
      ['pvhgrub', 'pvh', null, 0],
    ]);
  });

  test('linked ports hang on queues from head to tail', async () => {
    const { host } = completed(await read(`${REAL}/C-many-guests`));
    const d3 = host.xen.domains[3];
    const fifo = d3?.vcpus[0]?.fifo;
    const control = host.hardware.content[fifo?.control.frame ?? 0];
    if (control?.kind !== 'fifo-control') throw new Error('no control block');
    // Port 2 links to 1; port 3, the timer, is alone and so on another queue.
    expect([control.blocks[0]?.heads[7], fifo?.tails[7]]).toEqual([2, 1]);
    expect([control.blocks[0]?.heads[0], fifo?.tails[0]]).toEqual([3, 3]);
    expect(control.blocks[0]?.ready).toBe(0x81);
  });
});

/** The three dumps of one moment, as separate files of keys. */
const moments = [
  ...new Set(readdirSync(KEYS).map((name) => name.replace(/-[qge]\.txt$/, ''))),
].sort();

describe('dumps beside traces', () => {
  test('there are some', () => {
    expect(moments.length).toBeGreaterThan(5);
  });

  test.each(moments)('%s', (moment) => {
    const text = ['q', 'g', 'e']
      .map((key) => readFileSync(`${KEYS}/${moment}-${key}.txt`, 'latin1'))
      .join('\n');
    const parsed = parseConsole(text.split('\n'), moment);
    if (isLeft(parsed)) throw new Error(parsed.left.map((p) => p.what).join('; '));
    const { companions } = made({ domains: [] });
    holdsWhatTextShows(text, completed({ ...parsed.right, companions }));
  });
});
