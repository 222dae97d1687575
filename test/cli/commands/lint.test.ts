import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect, test } from 'vitest';
import { lint } from '../../../src/cli/commands/lint.ts';
import { encodeStream } from '../../../src/stream/writer.ts';
import { LIBXC } from '../../../src/xen/migration/record-types.ts';
import { sample } from '../../stream/sample.ts';
import { libxcStream, partsOf, SMALL_PV } from '../../xen/migration/build-stream.ts';
import { expectReadable, runCommand } from './run-command.ts';

const STREAMS = 'test/fixtures/streams';
const DIR = mkdtempSync(join(tmpdir(), 'xen-lu-lint-'));
afterAll(() => rmSync(DIR, { recursive: true }));

const fileOf = (name: string, bytes: Uint8Array): string => {
  const path = join(DIR, name);
  writeFileSync(path, bytes);
  return path;
};

const jsonOf = async (path: string) => {
  const { code, out } = await runCommand(lint, path, '--json');
  return { code, report: JSON.parse(out) };
};

const inserted = (type: number): Uint8Array =>
  libxcStream(SMALL_PV, [[type, Uint8Array.of(1, 2, 3)], ...partsOf(SMALL_PV)]);

describe('lint', () => {
  test('lists a compressed save stream in 75 columns and ends with 0', async () => {
    const { code, out, err } = await runCommand(lint, `${STREAMS}/pvhgrub-16M.save.xz`);
    expect([code, err]).toEqual([0, '']);
    expectReadable(out);
    expect(out).toMatch(/^xl stream, 25224049 bytes read\n/);
    expect(out).toContain('libxc PAGE_DATA, 1020 in a row');
    expect(out).toMatch(/\nread to its end: 0 errors, 0 warnings, 1 note$/);
  });

  test('lists a Live Update stream', async () => {
    const stream = encodeStream(sample());
    if (E.isLeft(stream)) throw new Error('the sample cannot be written');
    const { code, report } = await jsonOf(fileOf('sample.lu', stream.right));
    expect(code).toBe(0);
    expect(report).toMatchObject({ format: 'LU', end: 'complete', errors: 0 });
    expect(report.entries.length).toBe(sample().length + 2);
  });

  test('passes an optional record that it does not know', async () => {
    const { code, report } = await jsonOf(fileOf('optional', inserted(0x80000123)));
    expect(code).toBe(0);
    expect(report.findings).toMatchObject([{ severity: 'note', rule: 'F10.3', offset: 40 }]);
    expect(report.entries[1]).toMatchObject({ name: 'optional 0x80000123', length: 3, offset: 40 });
  });

  test('refuses a mandatory one, with offset, record and rule', async () => {
    const path = fileOf('mandatory', inserted(0x123));
    const { code, report } = await jsonOf(path);
    expect(code).toBe(1);
    expect(report.findings).toMatchObject([
      { severity: 'error', rule: 'F10.3', offset: 40, layer: 'libxc', record: '0x00000123' },
    ]);
    const text = await runCommand(lint, path);
    expect(text.code).toBe(1);
    expect(text.out).toContain('error at 0x00000028: libxc 0x00000123 (F10.3)');
  });

  test('says of a stream that is cut what is missing, and that it is not at its end', async () => {
    const whole = libxcStream(SMALL_PV);
    const { code, report } = await jsonOf(fileOf('cut', whole.subarray(0, whole.length - 100)));
    expect(code).toBe(1);
    expect(report).toMatchObject({ end: 'stopped', errors: 1 });
    expect(report.findings[0]).toMatchObject({ rule: 'F1.13', record: 'X86_PV_VCPU_BASIC' });
  });

  test('tells every fault, not the first only', async () => {
    const dropped: number[] = [LIBXC.X86_PV_INFO, LIBXC.X86_PV_P2M_FRAMES, LIBXC.SHARED_INFO];
    const parts = partsOf(SMALL_PV).filter(([type]) => !dropped.includes(type));
    const { report } = await jsonOf(fileOf('many', libxcStream(SMALL_PV, parts)));
    expect(report.findings.map(({ message }: { message: string }) => message)).toEqual([
      'PAGE_DATA without X86_PV_P2M_FRAMES before it',
      'X86_PV_VCPU_BASIC without X86_PV_INFO before it',
      'the stream has no SHARED_INFO',
    ]);
  });

  test('ends with 2 for what is no stream or no file', async () => {
    const cat = await runCommand(lint, fileOf('cat', Buffer.from('a picture of a cat, no more')));
    expect([cat.code, cat.err]).toEqual([2, '']);
    expect(cat.out).toContain('no stream of a known format');
    expect(cat.out).toContain('Wanted is what xl save wrote');
    for (const path of [join(DIR, 'nowhere'), DIR]) {
      const { code, out, err } = await runCommand(lint, path);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/no such file|is a folder/);
    }
    expect((await runCommand(lint)).code).toBe(2);
    expect((await runCommand(lint, 'a', 'b')).code).toBe(2);
  });
});
