import { createReadStream, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LintEntry } from '../../../src/stream/lint/report.ts';
import { lintText } from '../../../src/stream/lint/text.ts';
import { lintStream } from '../../../src/xen/migration/lint.ts';

const STREAMS = new URL('../../fixtures/streams/', import.meta.url);

/** The lines that Xen's checker printed for one stream. */
const checkerLines = (name: string): readonly string[] => {
  const text = readFileSync(new URL('verify-stream-v2.txt', STREAMS), 'utf8');
  const part = text.split(/^== /m).find((section) => section.startsWith(name)) ?? '';
  return part.trim().split('\n').slice(1);
};

/** Record names of the checker as the specification spells them. */
const specName = (name: string): string => {
  const upper = name.toUpperCase().replaceAll(' ', '_');
  return upper === 'TSC_INFO' ? 'X86_TSC_INFO' : upper;
};

/** `layer name length` of every record line; a squashed run is one line. */
const checkerRecords = (name: string): readonly string[] =>
  checkerLines(name).flatMap((line) => {
    const record = /^(Libx[cl]) Record: (.+), length (\d+)$/.exec(line);
    if (record !== null) {
      return [`${record[1]?.toLowerCase()} ${specName(record[2] ?? '')} ${record[3]}`];
    }
    const squashed = /^Squashed (\d+) Page Data records/.exec(line);
    return squashed === null ? [] : [`libxc PAGE_DATA x${squashed[1]}`];
  });

const ourRecords = (entries: readonly LintEntry[]): readonly string[] =>
  entries
    .filter(({ kind }) => kind === 'record')
    .map(({ layer, name, length, count }) =>
      name === 'PAGE_DATA' ? `${layer} PAGE_DATA x${count}` : `${layer} ${name} ${length}`,
    );

const lint = (file: string) => lintStream(createReadStream(new URL(file, STREAMS)));

describe('the linter, on streams of real guests', () => {
  it.each([
    ['pv1-32M-tables.save.xz', 'pv1-32M.save', 33633298],
    ['pvhgrub-16M.save.xz', 'pvhgrub-16M.save', 25224049],
  ])('sees in %s the records that Xen’s own checker saw', async (file, name, bytes) => {
    const report = await lint(file);
    expect(checkerRecords(name).length).toBeGreaterThan(9);
    expect(ourRecords(report.entries)).toEqual(checkerRecords(name));
    expect(report).toMatchObject({ format: 'xl', end: 'complete', errors: 0, warnings: 0, bytes });
  });

  it('reads the same figures out of them', async () => {
    const { entries } = await lint('pv1-32M-tables.save.xz');
    const notesOf = (name: string) => entries.find((entry) => entry.name === name)?.notes;
    expect(notesOf('X86_PV_INFO')).toEqual(['64-bit guest, 4 levels of page tables']);
    expect(notesOf('X86_PV_P2M_FRAMES')).toEqual(['pfn 0x0 to 0x1fff']);
    expect(notesOf('X86_TSC_INFO')).toEqual([
      'mode 0, 2299998 kHz, 420188142359 ns, incarnation 1',
    ]);
    expect(notesOf('X86_PV_VCPU_XSAVE')).toEqual(['vCPU 0 xsave context, 848 bytes']);
    expect(entries.find(({ layer }) => layer === 'libxc')?.notes).toEqual([
      'image header: version 3, little-endian',
      'domain header: x86 PV, Xen 4.17',
    ]);
  });

  it('remarks that libxc writes HVM_PARAMS behind HVM_CONTEXT, which F10.5 forbids', async () => {
    const { findings } = await lint('pvhgrub-16M.save.xz');
    expect(findings).toMatchObject([
      { severity: 'note', rule: 'F10.5', record: 'HVM_PARAMS', offset: 25223889 },
    ]);
  });

  it('prints them in 75 columns', async () => {
    const text = lintText(await lint('pvhgrub-16M.save.xz'));
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
    expect(text).toContain('0x0180d901         2504  libxc HVM_CONTEXT');
    expect(text.trimEnd()).toMatch(/read to its end: 0 errors, 0 warnings, 1 note$/);
  });
});
