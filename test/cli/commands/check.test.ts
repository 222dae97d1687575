/** `check --guest`: real guests in the place of what a console dump does not show. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CheckResult } from '../../../src/check/result.ts';
import { check } from '../../../src/cli/commands/check.ts';
import { libxcStream, SMALL_PV } from '../../xen/migration/build-stream.ts';
import { readPlainly } from '../../xen/migration/plain-reader.ts';
import { PV1, PVHGRUB, realStream } from '../../xen/migration/real-streams.ts';
import { expectReadable, runCommand } from './run-command.ts';

const REAL = 'test/fixtures/real-xen';
const STREAMS = 'test/fixtures/streams';
const DIR = mkdtempSync(join(tmpdir(), 'xen-lu-guest-'));
afterAll(() => rmSync(DIR, { recursive: true }));

const checked = async (...args: readonly string[]): Promise<CheckResult> => {
  const { code, out, err } = await runCommand(check, ...args, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
};

/** Assumptions about a domain, each with what it counts in all domains. */
const assumedOf = (r: CheckResult, domid: number): string[] =>
  r.assumed.filter((a) => a.where?.includes(domid)).map((a) => a.id);
const countOf = (r: CheckResult, id: string): number =>
  r.assumed.find((a) => a.id === id)?.count ?? 0;

const refused = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await runCommand(check, ...args);
  expect([code, out]).toEqual([2, '']);
  expectReadable(err);
  return err.replace(/\s+/g, ' ');
};

describe('a real PV guest in a capture of its host', () => {
  const capture = join(REAL, 'B-one-pv-guest');

  test('holds, and what it shows is assumed no more', async () => {
    const bare = await checked(capture);
    const real = await checked(capture, '--guest', `pv1=${join(STREAMS, PV1)}`);
    expect([real.verdict, real.host]).toEqual(['holds', bare.host]);
    const [before, after] = [assumedOf(bare, 1), assumedOf(real, 1)];
    expect(before.filter((id) => !after.includes(id)).sort()).toEqual(
      ['descriptor-tables', 'guest-width', 'page-tables', 'tsc', 'vcpu-registers'].sort(),
    );
    // A guest lets go of its shared_info before it is saved; the dump shows it mapped.
    expect(after.filter((id) => !before.includes(id))).toEqual(['saved-mappings']);
    for (const id of ['page-tables', 'descriptor-tables', 'guest-width', 'vcpu-registers', 'tsc'])
      expect(countOf(real, id)).toBeLessThan(countOf(bare, id));
    const total = (r: CheckResult): number => r.assumed.reduce((n, a) => n + (a.count ?? 0), 0);
    expect(total(real)).toBeLessThan(total(bare));
    // Every real table is held to its content through the update.
    const content = (r: CheckResult) => r.invariants.find((i) => i.id === 'I8.4')?.checked ?? 0;
    expect(content(real)).toBe(content(bare) - 20 + 142 + 10);
    expect(real.read.at(-1)).toContain('guest pv1');
  });

  test('does not hold the place of what it is not', async () => {
    const c = join(REAL, 'C-many-guests');
    const pv1 = join(STREAMS, PV1);
    const pvh = join(STREAMS, PVHGRUB);
    const sizes = await refused(c, '--guest', `pv2=${pv1}`);
    expect(sizes).toContain('guest pv2 has 8192 pages, d2 has 12288');
    expect(sizes).toContain('guest pv2 has vCPUs 0 up, d2 has 0 1');
    expect(await refused(c, '--guest', `5=${pvh}`)).toContain('guest 5 is PVH, d5 is PV');
    expect(await refused(c, '--guest', `nix=${pvh}`)).toContain('there are 0 (Domain-0), 1 (pv1)');
    const twice = await refused(c, '--guest', `pv1=${pv1}`, '--guest', `1=${pv1}`);
    expect(twice).toContain('is given twice for d1');
  });

  test('whose tables contradict its types is refused with the entries', async () => {
    const bytes = await realStream(PV1);
    const { pages } = readPlainly(bytes);
    const [l1, l2] = [9, 2].map((type) => pages.find((p) => p.type === type));
    bytes.writeBigUInt64LE((BigInt(l2?.pfn ?? 0) << 12n) | 3n, (l1?.contentsAt ?? 0) + 8 * 77);
    const path = join(DIR, 'bent');
    writeFileSync(path, bytes);
    expect(await refused(capture, '--guest', `pv1=${path}`)).toContain(
      `L1TAB|LPINTAB at pfn 0x${l1?.pfn.toString(16)}, slot 77: (I8.5) pfn 0x${l2?.pfn.toString(16)}`,
    );
  });

  test('and bad usage and damaged streams are refused', async () => {
    const cut = join(DIR, 'cut');
    writeFileSync(cut, libxcStream(SMALL_PV).subarray(0, 300));
    expect(await refused(capture, '--guest', `pv1=${cut}`)).toContain('F1.13');
    expect(await refused(capture, '--guest', `pv1=${join(DIR, 'nowhere')}`)).toContain(
      'no such file',
    );
    expect(await refused(capture, '--guest', 'pv1')).toContain('NAME=SAVE');
    expect(await refused(capture, capture, '--guest', `pv1=${cut}`)).toContain('one capture');
  });
});

test('a PV and a PVH guest in one capture hold between other versions', async () => {
  const capture = join(REAL, 'C-many-guests');
  const guests = [
    '--guest',
    `pv1=${join(STREAMS, PV1)}`,
    '--guest',
    `d6=${join(STREAMS, PVHGRUB)}`,
  ];
  const versions = ['--from', '4.11', '--to', 'unstable'];
  const bare = await checked(capture, ...versions);
  const real = await checked(capture, ...guests, ...versions);
  expect(real).toMatchObject({ verdict: 'holds', from: '4.11', to: 'unstable' });
  const gone = assumedOf(bare, 6).filter((id) => !assumedOf(real, 6).includes(id));
  expect(gone.sort()).toEqual(['hvm-params', 'tsc', 'vcpu-registers']);
});
