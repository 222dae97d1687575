import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GuestView } from '../../../src/check/guest-view.ts';
import { importCommand } from '../../../src/cli/commands/import.ts';
import { libxcStream, libxlStream, SMALL_HVM, SMALL_PV } from '../../xen/migration/build-stream.ts';
import { type PlainStream, readPlainly } from '../../xen/migration/plain-reader.ts';
import { PV1, PVHGRUB, realStream } from '../../xen/migration/real-streams.ts';
import { expectReadable, runCommand } from './run-command.ts';

const STREAMS = 'test/fixtures/streams';
const DIR = mkdtempSync(join(tmpdir(), 'xen-lu-import-'));
afterAll(() => rmSync(DIR, { recursive: true }));

const fileOf = (name: string, bytes: Uint8Array): string => {
  const path = join(DIR, name);
  writeFileSync(path, bytes);
  return path;
};

const imported = async (path: string): Promise<{ code: number; guest: GuestView }> => {
  const { code, out } = await runCommand(importCommand, path, '--json');
  return { code, guest: JSON.parse(out) };
};

let linux: Buffer;
let plain: PlainStream;
beforeAll(async () => {
  linux = await realStream(PV1);
  plain = readPlainly(linux);
});

describe('import of a save stream', () => {
  test('gives a real PV guest: types, tables, vCPU, shared_info', async () => {
    const { code, guest } = await imported(join(STREAMS, PV1));
    expect(code).toBe(0);
    expect(guest).toMatchObject({ type: 'pv', version: 3, xen: '4.17', hvm: null });
    expect(guest.pages).toMatchObject({ named: 8192, present: 8192 });
    const fromRuns = guest.pages.runs.flatMap(([pfn, count, type]) =>
      Array.from({ length: count }, (_, i): [number, string] => [pfn + i, type]),
    );
    expect(fromRuns.length).toBe(8192);
    const names = ['NOTAB', 'L1TAB', 'L2TAB', 'L3TAB', 'L4TAB'];
    const plainName = (t: number): string => `${names[t & 7]}${t > 8 ? '|LPINTAB' : ''}`;
    expect(fromRuns).toEqual(
      plain.pages
        .map((p) => [p.pfn, plainName(p.type)])
        .sort((a, b) => Number(a[0]) - Number(b[0])),
    );
    expect(guest.pv).toMatchObject({ width: 64, levels: 4, contradictionCount: 0, idleTables: [] });
    expect(guest.pv?.p2m).toMatchObject({ start: 0, end: 0x1fff });
    expect(guest.vcpus).toMatchObject([
      { id: 0, online: true, rootPfn: 5593, registers: { rip: '0xffffffff804b4c05' } },
    ]);
    expect(guest.pv?.sharedInfo).toMatchObject({ maxPfn: '0x2000', ports: 4096 });
  });

  test('gives every present entry of every table, as the bytes have it', async () => {
    const { guest } = await imported(join(STREAMS, PV1));
    const wanted = plain.pages
      .filter((p) => p.type > 0)
      .sort((a, b) => a.pfn - b.pfn)
      .map(({ pfn, contentsAt = 0 }) => {
        const entries: number[][] = [];
        for (let slot = 0; slot < 512; slot++) {
          const word = linux.readBigUInt64LE(contentsAt + 8 * slot);
          if ((word & 1n) === 0n) continue;
          entries.push([slot, Number((word >> 12n) & 0xff_ffff_ffffn), Number(word & 0xfffn)]);
        }
        return { pfn, entries };
      });
    expect(guest.pv?.tables.map(({ pfn, entries }) => ({ pfn, entries }))).toEqual(wanted);
  });

  test('gives a real PVH guest: context records and parameters', async () => {
    const { code, guest } = await imported(join(STREAMS, PVHGRUB));
    expect(code).toBe(0);
    expect(guest).toMatchObject({ type: 'pvh', pv: null });
    expect(guest.pages.byType).toEqual({ NOTAB: 4113, XTAB: 1040367 });
    expect(guest.hvm?.context).toContainEqual({ name: 'CPU', instance: 0, length: 1032 });
    expect(guest.hvm?.params).toContainEqual({ index: 17, value: '0xfefff' });
    expect(guest.remarks.map((r) => r.text).join()).toContain('HVM_PARAMS behind HVM_CONTEXT');
  });

  test.each([PV1, PVHGRUB])('says it of %s in words that fit a mail', async (name) => {
    const { code, out, err } = await runCommand(importCommand, join(STREAMS, name));
    expect([code, err]).toEqual([0, '']);
    expectReadable(out);
    for (const part of ['Guest', 'Pages', 'vCPU 0', 'TSC']) expect(out).toContain(part);
    if (name === PV1) expect(out).toContain('Tables and page types agree.');
  });

  test('takes a libxl or libxc stream without what is around it', async () => {
    const bare = await imported(fileOf('bare', libxcStream({ ...SMALL_PV, endian: 'big' })));
    expect(bare).toMatchObject({ code: 0, guest: { type: 'pv', endian: 'big' } });
    const inner = libxcStream({ ...SMALL_HVM, version: 2 });
    const wrapped = await imported(fileOf('libxl', libxlStream(inner, 'little')));
    expect(wrapped).toMatchObject({ code: 0, guest: { version: 2, pv: null } });
  });

  test('refuses a damaged one with byte, record and rule', async () => {
    const { code, out, err } = await runCommand(
      importCommand,
      fileOf('cut', libxcStream(SMALL_PV).subarray(0, 200)),
    );
    expect([code, out]).toEqual([2, '']);
    expectReadable(err);
    expect(err.replace(/\s+/g, ' ')).toContain('F1.13');
  });
});

describe('a real guest, bent', () => {
  /** The stream with some bytes changed. */
  const bent = (name: string, change: (bytes: Buffer) => void): string => {
    const bytes = Buffer.from(linux);
    change(bytes);
    return fileOf(name, bytes);
  };
  const pageOf = (type: number) => {
    const page = plain.pages.find((p) => p.type === type);
    if (page?.contentsAt === undefined) throw new Error(`no page of type ${type}`);
    return { ...page, contentsAt: page.contentsAt };
  };
  const entry = (pfn: number, flags: number): bigint => (BigInt(pfn) << 12n) | BigInt(flags);

  test('an L1 entry that maps a page table writable is reported with table and slot', async () => {
    const [l1, l2] = [pageOf(9), pageOf(2)];
    const path = bent('writable', (bytes) => {
      bytes.writeBigUInt64LE(entry(l2.pfn, 3), l1.contentsAt + 8 * 77);
    });
    const { code, guest } = await imported(path);
    expect(code).toBe(1);
    expect(guest.pv?.contradictions).toMatchObject([
      { kind: 'writable-table', rule: 'I8.5', table: l1.pfn, slot: 77, target: l2.pfn },
    ]);
    const text = await runCommand(importCommand, path);
    expect(text.code).toBe(1);
    expectReadable(text.out);
    expect(text.out).toContain(`L1TAB|LPINTAB at pfn 0x${l1.pfn.toString(16)}, slot 77: (I8.5)`);
  });

  test('a type changed in the list is reported with every entry that contradicts it', async () => {
    const l1 = pageOf(9);
    const path = bent('type', (bytes) => {
      // The upper byte of the word: type 0 in place of L1TAB pinned.
      bytes[l1.wordAt + 7] = 0;
    });
    const { code, guest } = await imported(path);
    expect(code).toBe(1);
    const found = guest.pv?.contradictions ?? [];
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((c) => c.kind === 'wrong-type' && c.target === l1.pfn)).toBe(true);
  });

  test('an entry to a pfn that the guest does not have is reported', async () => {
    const l3 = pageOf(3);
    const path = bent('nowhere', (bytes) => {
      bytes.writeBigUInt64LE(entry(0x9999, 1), l3.contentsAt + 8 * 511);
    });
    const { code, guest } = await imported(path);
    expect(code).toBe(1);
    expect(guest.pv?.contradictions).toMatchObject([
      { kind: 'no-page', rule: 'F8.5', table: l3.pfn, slot: 511, target: 0x9999 },
    ]);
  });

  test('a change of the counts that contradicts nothing changes exactly those', async () => {
    const before = (await imported(join(STREAMS, PV1))).guest.pv?.references;
    const l1 = pageOf(9);
    const plainPage = pageOf(0);
    let free = 0;
    while ((linux.readBigUInt64LE(l1.contentsAt + 8 * free) & 1n) === 1n) free++;
    const path = bent('one-more', (bytes) => {
      bytes.writeBigUInt64LE(entry(plainPage.pfn, 1), l1.contentsAt + 8 * free);
    });
    const { code, guest } = await imported(path);
    expect(code).toBe(0);
    const sum = (refs: typeof before) =>
      Object.values(refs ?? {}).reduce((n, c) => n + c.general, 0);
    const types = (refs: typeof before) =>
      Object.values(refs ?? {}).reduce((n, c) => n + c.typeCount, 0);
    expect(sum(guest.pv?.references)).toBe(sum(before) + 1);
    expect(types(guest.pv?.references)).toBe(types(before));
  });
});
