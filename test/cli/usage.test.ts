/** Arguments that make no sense, help, and files that are not there: in this process, no machine is loaded. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { expectReadable, runXenLu } from './commands/run-command.ts';

const flat = (text: string): string => text.replace(/\s+/g, ' ');
const FIXTURES = join(import.meta.dirname, '../fixtures/real-xen');

test('help of all, and of each command', async () => {
  const help = await runXenLu('--help');
  expect(help.code).toBe(0);
  expectReadable(help.out);
  for (const { name } of COMMANDS) {
    const one = await runXenLu(name, '--help');
    expect([one.code, one.err]).toEqual([0, '']);
    expectReadable(one.out);
    expect(help.out).toContain(`xen-lu ${name}`);
  }
});

describe('is answered with 2', () => {
  test.each([
    [[], 'Usage: xen-lu check CAPTURE...'],
    [['chekc'], 'no command "chekc"'],
    [['check'], 'check wants at least one capture'],
    [['check', '--frm', 'x'], "Unknown option '--frm'"],
    [['import', 'a', 'b'], 'import wants one capture or save stream'],
    [['explore'], 'explore wants one FILE or SCOPE'],
    [['explore', 'a.ts', 'b.ts'], 'explore wants one FILE or SCOPE'],
    [['explore', 'lamp.mjs', '--por', '--checkpoint', 'x'], '--por leaves no checkpoint'],
    [['explore', 'lamp.mjs', '--max-states', '0'], '--max-states wants a whole number'],
    [['explore', 'lamp.mjs', '--max-memory', '1e9'], '--max-memory wants a whole number'],
    [['explore', 'lamp.mjs', '--resume', 'nowhere'], '--resume: cannot read nowhere'],
    [['explore', 'lamp.mjs', '--workers', 'two'], '--workers wants a whole number'],
    [['explore', 'lamp.mjs', '--policy', 'Q1=pause'], '--policy is for a SCOPE'],
    [['explore', 'channel', '--policy', 'Q1=sleep'], 'Q1 has no answer "sleep"'],
    [
      ['explore', 'lamp.mjs', '--follow', 'nowhere.json'],
      'nowhere.json: no such file or folder. Wanted is',
    ],
    [['replay', 'nowhere.json'], 'nowhere.json: no such file or folder. Wanted is a trace as'],
    [
      ['replay', 'package.json'],
      'package.json: not a trace: "format" is not "xen-lu-trace". Wanted',
    ],
    [['explore', 'lamp.mjs', '--follow', 'package.json'], '--follow: package.json: '],
    [['explore', 'lamp.mjs', '--follow', 'x.json', '--workers', '2'], 'not with --workers'],
    [['export', 'lamp.mjs'], 'export wants --promela'],
    [['export', '--promela'], 'export wants one FILE or SCOPE'],
  ])('%j, and: %s', async (args: string[], said) => {
    const { code, out, err } = await runXenLu(...args);
    expect([code, out]).toEqual([2, '']);
    expectReadable(err);
    expect(flat(err)).toContain(said);
    expect(err).toMatch(/xen-lu/);
  });

  test('a version that nobody described', async () => {
    const { code, err } = await runXenLu('check', join(FIXTURES, 'A-dom0-only'), '--to', '3.4');
    expect(code).toBe(2);
    // The path before it is as long as this checkout's: the line may break.
    expect(flat(err)).toContain('no description of Xen 3.4');
  });
});
