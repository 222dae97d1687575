import {
  existsSync,
  mkdirSync,
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
import { vectors } from '../../../src/cli/commands/vectors.ts';
import { expectReadable, runCommand } from './run-command.ts';

const DIR = mkdtempSync(join(tmpdir(), 'xen-lu-vectors-'));
afterAll(() => rmSync(DIR, { recursive: true }));

test('are written once, and again over the same bytes without a change', async () => {
  const dir = join(DIR, 'new/folder');
  const first = await runCommand(vectors, dir);
  expect([first.code, first.err]).toEqual([0, '']);
  expectReadable(first.out);
  const names = readdirSync(dir);
  expect(names).toContain('SHA256SUMS');
  rmSync(join(dir, 'mixed.lu'));
  writeFileSync(join(dir, 'mine.txt'), 'notes');
  expect((await runCommand(vectors, dir)).code).toBe(0);
  expect(readdirSync(dir).sort()).toEqual([...names, 'mine.txt'].sort());
  expect(readFileSync(join(dir, 'mine.txt'), 'utf8')).toBe('notes');
});

test('never replace a file that is somebody else’s: then nothing is written', async () => {
  const dir = join(DIR, 'taken');
  mkdirSync(dir);
  writeFileSync(join(dir, 'README.md'), 'my own readme');
  const { code, out, err } = await runCommand(vectors, dir);
  expect([code, out]).toEqual([2, '']);
  expectReadable(err);
  expect(err.replace(/\s+/g, ' ')).toContain('nothing was written: README.md');
  expect(readdirSync(dir)).toEqual(['README.md']);
  expect(readFileSync(join(dir, 'README.md'), 'utf8')).toBe('my own readme');
});

test('do not follow a link that stands in the place of a file', async () => {
  const dir = join(DIR, 'linked');
  mkdirSync(dir);
  const target = join(DIR, 'target');
  symlinkSync(target, join(dir, 'mixed.lu'));
  expect((await runCommand(vectors, dir)).code).toBe(2);
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(dir)).toEqual(['mixed.lu']);
});

test('want one folder, which is none of a file', async () => {
  expect((await runCommand(vectors)).code).toBe(2);
  const file = join(DIR, 'file');
  writeFileSync(file, 'x');
  expect((await runCommand(vectors, file)).code).toBe(2);
  expect(readFileSync(file, 'utf8')).toBe('x');
});
