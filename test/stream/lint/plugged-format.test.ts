import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../src/stream/framing/record.ts';
import type { Finding } from '../../../src/stream/lint/finding.ts';
import type { Format, RecordRule } from '../../../src/stream/lint/format.ts';
import { lintFormats } from '../../../src/stream/lint/lint.ts';
import { lintText } from '../../../src/stream/lint/text.ts';

/**
 * A format of domains, as a Live Update stream is one: VERSION first, then
 * for each domain DOMAIN, PAGES and at most one EVTCHN, then END.
 */
const T = { VERSION: 0x40000000, DOMAIN: 0x40000001, PAGES: 0x40000002, EVTCHN: 0x40000003 };

const rule = (name: string, more: Partial<RecordRule> = {}): RecordRule => ({
  name,
  minLength: 0,
  maxLength: 16,
  body: { kind: 'opaque' },
  orderFact: 'R37',
  ...more,
});

const version: RecordRule = rule('LU_VERSION', {
  minLength: 8,
  maxLength: 8,
  lengthFact: 'F1.13',
  once: true,
  body: {
    kind: 'whole',
    judge: (body, { little }) => ({
      notes: [`Xen ${body.getUint32(0, little)}.${body.getUint32(4, little)}`],
      findings: [],
    }),
  },
});

const toy: Format = {
  name: 'toy',
  headerBytes: 16,
  recognises: (first) => first[0] === 0x54,
  open: () => {
    let domains = 0;
    return E.right({
      endian: 'little',
      heading: [],
      findings: [],
      required: [T.VERSION],
      records: new Map([
        [0, rule('END', { maxLength: 0, flow: { kind: 'end' } })],
        [T.VERSION, version],
        [T.DOMAIN, rule('DOMAIN', { needs: [T.VERSION], forgets: [T.PAGES, T.EVTCHN] })],
        [T.PAGES, rule('PAGES', { needs: [T.DOMAIN], squash: true })],
        [T.EVTCHN, rule('EVTCHN', { needs: [T.PAGES], once: true, body: HELD })],
      ]),
      watch: ({ type, offset }): readonly Finding[] => {
        domains += type === T.EVTCHN ? 1 : 0;
        return domains < 3 ? [] : [{ severity: 'note', offset, rule: 'Q1', message: 'many' }];
      },
    });
  },
};

const HELD: RecordRule['body'] = {
  kind: 'whole',
  judge: () => ({ notes: [], findings: [] }),
};

const stream = (...records: readonly (readonly [type: number, length?: number])[]) => [
  Buffer.alloc(16, 'T'),
  ...records.map(([type, length = 0]) => {
    const bytes = encodeRecord(type, new Uint8Array(length));
    if (E.isLeft(bytes)) throw new Error(JSON.stringify(bytes.left));
    return bytes.right;
  }),
];

const V = [T.VERSION, 8] as const;
const END = [0] as const;

const messages = async (chunks: readonly Uint8Array[]) =>
  (await lintFormats(chunks, [toy])).findings.map(({ rule: id, message }) => `${id} ${message}`);

describe('a format of our own', () => {
  it('is linted by its table alone', async () => {
    const chunks = stream(V, [T.DOMAIN], [T.PAGES, 9], [T.PAGES, 7], [T.EVTCHN], END);
    const report = await lintFormats(chunks, [toy]);
    expect(report).toMatchObject({ format: 'toy', end: 'complete', errors: 0, findings: [] });
    expect(report.entries.map(({ name, length, count }) => [name, length, count])).toEqual([
      ['header', 0, 1],
      ['LU_VERSION', 8, 1],
      ['DOMAIN', 0, 1],
      ['PAGES', 16, 2],
      ['EVTCHN', 0, 1],
      ['END', 0, 1],
    ]);
    expect(report.entries[1]?.notes).toEqual(['Xen 0.0']);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('counts order and `once` anew for each domain', async () => {
    const domain = [[T.DOMAIN], [T.PAGES], [T.EVTCHN]] as const;
    expect(await messages(stream(V, ...domain, ...domain, END))).toEqual([]);
    expect(await messages(stream(V, ...domain, [T.DOMAIN], [T.EVTCHN], END))).toEqual([
      'R37 EVTCHN without PAGES before it',
    ]);
    expect(await messages(stream(V, ...domain, [T.EVTCHN], END))).toEqual(['R37 a second EVTCHN']);
    expect(await messages(stream(V, ...domain, ...domain, ...domain, END))).toEqual(['Q1 many']);
  });

  it('says once that a record is missing, and once more for the next domain', async () => {
    const many = [[T.DOMAIN], [T.EVTCHN], [T.DOMAIN], [T.EVTCHN], [T.DOMAIN]] as const;
    expect(await messages(stream(...many, END))).toEqual([
      'R37 DOMAIN without LU_VERSION before it',
      'R37 EVTCHN without PAGES before it',
      'R37 EVTCHN without PAGES before it',
    ]);
  });

  it('names length, fact and what is missing', async () => {
    expect(await messages(stream([T.VERSION, 4], END))).toEqual([
      'F1.13 LU_VERSION of 4 bytes, not 8',
    ]);
    expect(await messages(stream(END))).toEqual(['F10.5 the stream has no LU_VERSION']);
    expect(await messages(stream(V, [T.DOMAIN, 17], END))).toEqual([
      'F10.3 DOMAIN of 17 bytes, not 0 to 16',
    ]);
  });

  it('finds padding that is not zero, and goes on', async () => {
    const chunks = stream(V, [T.DOMAIN, 3], END);
    const domain = chunks[2] ?? new Uint8Array(0);
    domain[12] = 1;
    const report = await lintFormats(chunks, [toy]);
    expect(report.findings).toMatchObject([
      { severity: 'warning', rule: 'F10.3', record: 'DOMAIN', offset: 16 + 16 + 12 },
    ]);
    expect(report.end).toBe('complete');
  });

  it('bounds a report, and says what it left out', async () => {
    const many = Array.from({ length: 12_000 }, () => [T.DOMAIN, 17] as const);
    const report = await lintFormats(stream(...many, END), [toy]);
    expect(report.entries.length).toBe(10_000);
    expect(report.entriesLeftOut).toBe(12_002 - 10_000);
    expect(report.errors).toBe(12_001);
    expect(report.findingsLeftOut).toBe(2_001);
    expect(lintText(report)).toContain('(2002 more records left out)');
  });

  it('says in text what is wrong, errors first, in 75 columns', async () => {
    const chunks = stream([0x80000007, 3], [T.DOMAIN, 17], END);
    const text = lintText(await lintFormats(chunks, [toy]));
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
    expect(text).toContain('0x00000010            3  toy optional 0x80000007');
    expect(text.indexOf('error at')).toBeLessThan(text.indexOf('note at'));
    expect(text).toContain('2 errors, 0 warnings, 1 note');
  });

  it('folds what is too long for a line at a space, and cuts a word that has none', async () => {
    const cut = await lintFormats(stream(V, [T.DOMAIN], [T.PAGES], [T.PAGES]), [toy]);
    const text = lintText(cut);
    expect(text).toContain('toy PAGES, 2 in a row\n');
    expect(text).toContain('NOT read to its end: 1 error, 0 warnings, 0 notes\n');
    const finding = {
      severity: 'note',
      offset: 0,
      rule: 'Q1',
      layer: 'toy',
      record: 'END',
    } as const;
    const lines = (message: string): readonly string[] =>
      lintText({ ...cut, findings: [{ ...finding, message }] })
        .split('\n')
        .filter((line) => line.startsWith('  '))
        .slice(-3);
    const words = `${'a'.repeat(30)} ${'b'.repeat(41)} c`;
    expect(lines(words)).toEqual([expect.any(String), `  ${words.slice(0, -2)}`, '    c']);
    expect(lines(`${'x'.repeat(80)}`).slice(1)).toEqual([`  ${'x'.repeat(73)}`, '    xxxxxxx']);
    expect(lines('x'.repeat(73)).at(-1)).toBe(`  ${'x'.repeat(73)}`);
  });

  it('is not found in other streams', async () => {
    const report = await lintFormats([Buffer.alloc(64)], [toy]);
    expect(report).toMatchObject({ format: 'unknown', end: 'stopped', errors: 1 });
    const empty = await lintFormats([], [toy]);
    expect(empty.findings).toMatchObject([{ rule: 'F1.13', offset: 0 }]);
  });
});
