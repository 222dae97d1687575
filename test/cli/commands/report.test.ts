import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { report } from '../../../src/cli/commands/report.ts';
import { expectReadable, runCommand } from './run-command.ts';

const DIR = mkdtempSync(join(tmpdir(), 'xen-lu-report-'));
afterAll(() => rmSync(DIR, { recursive: true }));

/** What a refused call says, in one line. */
const refused = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await runCommand(report, ...args);
  expect([code, out]).toEqual([2, '']);
  // What is wrong with the usage is wrapped where it is printed.
  if (err.startsWith('xen-lu: ')) expectReadable(err);
  return err.replace(/\s+/g, ' ');
};

test('wants one run, a file to write and versions that are described', async () => {
  const page = join(DIR, 'unwritten.html');
  expect(await refused('-o', page)).toBe('report wants one TRACE');
  expect(await refused('mixed', 'S1', '-o', page)).toBe('report wants one TRACE');
  expect(await refused('mixed')).toBe('report wants -o PAGE.html');
  expect(await refused('mixed', '-o', page, '--to', '3.0')).toContain('no description of Xen 3.0');
  expect(existsSync(page)).toBe(false);
});

test('says what it knows when asked for a run that it does not', async () => {
  const page = join(DIR, 'unwritten.html');
  const said = await refused('no-such-run', '-o', page);
  expect(said).toContain('no scenario, scope, bug, trace or capture of this name');
  expect(said).toContain('"mixed"');
  const broken = join(DIR, 'broken.json');
  writeFileSync(broken, '{"format":');
  expect(await refused(broken, '-o', page)).toContain(broken);
  expect(existsSync(page)).toBe(false);
});

test('keeps a file that is there, and a link, before it plays anything', async () => {
  const mine = join(DIR, 'mine.html');
  writeFileSync(mine, 'my own page');
  const link = join(DIR, 'link.html');
  symlinkSync(join(DIR, 'nowhere.html'), link);
  // The run is none: were it looked for first, that would be said.
  for (const file of [mine, link])
    expect(await refused('no-such-run', '-o', file)).toBe(
      `xen-lu: ${file} is there already; --force writes over it`,
    );
  expect(readFileSync(mine, 'utf8')).toBe('my own page');
  expect(await refused('no-such-run', '-o', mine, '--force')).toContain('no scenario');
  expect(readFileSync(mine, 'utf8')).toBe('my own page');
  expect(readdirSync(DIR)).not.toContain('nowhere.html');
});
