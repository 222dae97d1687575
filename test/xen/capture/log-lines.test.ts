import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forEachLine, LINE_LIMIT } from '../../../src/xen/capture/log-lines.ts';
import { collectDumps } from '../../../src/xen/console/dumps.ts';
import { linesOf } from '../console/fixtures.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xen-lu-lines-'));
});
afterAll(() => rm(folder, { recursive: true }));

const linesIn = async (bytes: string | Uint8Array, limit?: number) => {
  const file = join(folder, 'log');
  await writeFile(file, bytes, 'latin1');
  const lines: string[] = [];
  const end = await forEachLine(
    file,
    (line) => lines.push(line),
    limit === undefined ? {} : { limit },
  );
  return { lines, end };
};

/** "one\ntwo\n" as `xz` makes it. */
const XZ = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAHb25lCnR3bwoAUauer1d1cEkAASAIuxnZux+2830BAAAAAARZWg==',
  'base64',
);

test('lines and the end of the last one', async () => {
  expect(await linesIn('one\ntwo\n')).toMatchObject({
    lines: ['one', 'two'],
    end: { right: { bytes: 8, cutInLine: false } },
  });
  expect(await linesIn('one\n\ntwo')).toMatchObject({
    lines: ['one', '', 'two'],
    end: { right: { cutInLine: true } },
  });
  expect(await linesIn('')).toMatchObject({ lines: [], end: { right: { bytes: 0 } } });
});

test('lines across chunks of the file', async () => {
  const long = Array.from({ length: 40_000 }, (_, index) => `line ${index} of many`);
  const { lines } = await linesIn(`${long.join('\n')}\n`);
  expect(lines).toEqual(long);
});

test('a line without end is cut, however long', async () => {
  const { lines } = await linesIn(`${'x'.repeat(3_000_000)}\nnext\n`);
  expect(lines.map((line) => line.length)).toEqual([LINE_LIMIT, 4]);
});

test('a file beyond the limit is a typed error', async () => {
  const { end } = await linesIn('x\n'.repeat(600_000), 1_000_000);
  expect(end).toMatchObject({ left: { what: 'more than 1000000 bytes', line: undefined } });
});

describe('xz', () => {
  test('is decompressed, whatever the name', async () => {
    expect((await linesIn(XZ)).lines).toEqual(['one', 'two']);
  });
  test('has the limit of what comes out', async () => {
    const { end } = await linesIn(XZ, 7);
    expect(end).toMatchObject({ left: { what: expect.stringContaining('more than 7 bytes') } });
  });
  test('that is damaged is a typed error', async () => {
    const { end } = await linesIn(XZ.map((byte, index) => (index === 30 ? byte ^ 0xff : byte)));
    expect(end).toMatchObject({ left: { what: expect.stringContaining('cannot be read: xz') } });
  });
});

test('200 MB of log keep only one moment in memory', { timeout: 60_000 }, () => {
  const lines = linesOf('C-many-guests/xl-dmesg.txt');
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const collector = collectDumps('log');
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  for (let fed = 0; fed < 200_000_000; fed += bytes) {
    for (const line of lines) collector.push(line);
    if (fed % (bytes * 512) === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
  }
  const { moment } = collector.end(false);
  expect(moment?.dumps.e.lines.length).toBeGreaterThan(100);
  expect(most).toBeLessThan(250_000_000);
});

test('a dump without end is given up, not kept', () => {
  const collector = collectDumps('log');
  collector.push("(XEN) gnttab_usage_print_all [ key 'g' pressed");
  for (let row = 0; row < 450_000; row++) {
    collector.push('(XEN) [0x000]      0 0x13ec28 0x00000002          0 0x13ec28 0x19');
  }
  const { incomplete } = collector.end(false);
  expect(incomplete.get('g')).toMatchObject({ overflow: true, lines: [] });
});
