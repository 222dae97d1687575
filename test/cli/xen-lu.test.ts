/**
 * The command as people run it: the built program in a process of its own,
 * on the captures that the project holds. Counts are compared with a plain
 * text search of the dumps, which shares nothing with the parser.
 */
import {
  createReadStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram, type Program, type Run } from './program.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/real-xen');

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

const run = (args: readonly string[], node: readonly string[] = []): Promise<Run> =>
  program.runWith(node, ...args);

/** What every text must be: narrow enough for a mail, and no stack trace. */
const readable = (text: string): void => {
  expect(text.split('\n').filter((l) => l.length > 75)).toEqual([]);
  expect(text).not.toMatch(/\n\s+at .*:\d+:\d+/);
};

const matches = (text: string, re: RegExp): string[][] => [...text.matchAll(re)].map((m) => [...m]);

/** Counts by plain search in the last dumps of a log that has each of them once. */
const counted = (log: string) => {
  const ports = matches(log, /^\(XEN\) +(\d+) \[\d\/\d\/ *[-\d?]+ *\]: s=(\d)/gm);
  const pins = matches(log, /\[0x[0-9a-f]+\] +\d+ 0x[0-9a-f]+ 0x([0-9a-f]{8})/g).map((m) =>
    Number.parseInt(m[1] as string, 16),
  );
  return {
    domains: matches(log, /General information for domain \d+:/g).length,
    vcpus: matches(log, /^\(XEN\) +VCPU\d+: CPU/gm).length,
    pages: matches(log, /nr_pages=(\d+)/g).reduce((n, m) => n + Number(m[1]), 0),
    grantsActive: pins.length,
    grantMappings: pins.reduce(
      (n, p) => n + (p & 0xff) + ((p >> 8) & 0xff) + ((p >> 16) & 0xff) + ((p >>> 24) & 0xff),
      0,
    ),
    eventChannels: ports.length,
    interdomainPairs: ports.filter((m) => m[2] === '3').length / 2,
  };
};

const CAPTURES = ['A-dom0-only', 'B-one-pv-guest', 'C-many-guests'];

describe('check', () => {
  describe('of several captures, as JSON', () => {
    let checked: Run;
    beforeAll(async () => {
      checked = await run(['check', ...CAPTURES.map((c) => join(FIXTURES, c)), '--json']);
    });

    test('is an array in their order', () => {
      expect([checked.code, checked.err]).toEqual([0, '']);
      expect(JSON.parse(checked.out).map((r: { capture: string }) => r.capture)).toEqual(
        CAPTURES.map((c) => join(FIXTURES, c)),
      );
    });

    test.each(CAPTURES)('%s holds, with the counts that a plain search finds', (name) => {
      const result = JSON.parse(checked.out)[CAPTURES.indexOf(name)];
      const log = readFileSync(join(FIXTURES, name, 'xl-dmesg.txt'), 'utf8');
      expect(result.host).toEqual(counted(log));
      expect(result.verdict).toBe('holds');
      expect(result.counterexample).toBeUndefined();
      expect(result.assumed.length).toBeGreaterThan(5);
      expect(result.steps.length).toBeGreaterThan(15);
      expect(result.invariants.length).toBeGreaterThan(24);
      for (const i of result.invariants) {
        expect(i).toMatchObject({ id: expect.any(String), title: expect.any(String), holds: true });
        expect(i.checked).toBeGreaterThanOrEqual(0);
      }
      const frames = result.invariants.find((i: { id: string }) => i.id === 'I8.1');
      expect(frames.checked).toBeGreaterThan(result.host.pages - 1);
    });
  });

  test('says it in words that fit a mail', async () => {
    const { code, out, err } = await run(['check', join(FIXTURES, 'C-many-guests')]);
    expect([code, err]).toEqual([0, '']);
    readable(out);
    for (const part of ['Capture', 'Assumed', 'Steps', 'Invariants', 'HOLDS'])
      expect(out).toContain(part);
    expect(out).toContain('point of no return');
  });

  test('a serial log with doubled characters holds, and says what it repaired', async () => {
    const path = join(FIXTURES, 'C-many-guests/serial-conswitch-qge.txt');
    const { code, out } = await run(['check', path, '--json']);
    expect(code).toBe(0);
    const { repaired } = JSON.parse(out);
    const texts = repaired.map((r: { text: string }) => r.text).join('\n');
    expect(texts).toContain('pause_countt=0');
  });

  test('between other versions, both ways, with the versions in the report', async () => {
    for (const [from, to] of [
      ['4.11', '4.15'],
      ['unstable', '4.11'],
    ]) {
      const args = [
        'check',
        join(FIXTURES, 'B-one-pv-guest'),
        '--from',
        from,
        '--to',
        to,
        '--json',
      ];
      const { code, out } = await run(args as string[]);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ verdict: 'holds', from, to });
    }
  });

  test('dumps of single keys hold as well, and one that is not there does not hide them', async () => {
    const folder = join(FIXTURES, 'traces/keys');
    // A guest that was destroyed, and the middle of a life; test/xen/complete reads those of all traces.
    const moments = readdirSync(folder)
      .filter((f) => /^(12-.*-after|20-.*-mid)-q\.txt$/.test(f))
      .map((f) => f.slice(0, -'-q.txt'.length));
    expect(moments.length).toBe(2);
    const logs = moments.map((m) => {
      const path = join(program.folder, `${m}.txt`);
      const text = ['q', 'g', 'e'].map((k) => readFileSync(join(folder, `${m}-${k}.txt`), 'utf8'));
      writeFileSync(path, text.join(''));
      return path;
    });
    const [first, ...others] = logs as [string, ...string[]];
    const nowhere = join(program.folder, 'nowhere');
    const { code, out, err } = await run(['check', first, nowhere, ...others, '--json']);
    expect(code).toBe(2);
    expect(err).toContain('nowhere');
    const all = JSON.parse(out) as { capture: string; host: unknown; verdict: string }[];
    expect(all.map((r) => r.capture)).toEqual(logs);
    for (const r of all)
      expect([r.verdict, r.host]).toEqual(['holds', counted(readFileSync(r.capture, 'utf8'))]);
  });
});

describe('import', () => {
  test('prints the host as read, in words and as JSON', async () => {
    const text = await run(['import', join(FIXTURES, 'C-many-guests')]);
    expect(text.code).toBe(0);
    readable(text.out);
    expect(text.out).toContain('pv-crash');
    const json = await run(['import', join(FIXTURES, 'C-many-guests'), '--json']);
    const { domains } = JSON.parse(json.out);
    expect(domains.map((d: { type: string }) => d.type)).toEqual([
      'pv',
      'pv',
      'pv',
      'pv',
      'pv',
      'pv',
      'pvh',
    ]);
    expect(domains[4]).toMatchObject({ shutdown: { state: 'complete', code: 3 } });
  });
});

describe('usage', () => {
  test('the version', async () => {
    expect((await run(['--version'])).out.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('an unknown command is answered with 2 and what to do', async () => {
    const { code, out, err } = await run(['chekc']);
    expect([code, out]).toEqual([2, '']);
    readable(err);
    expect(err).toMatch(/xen-lu/);
  });
});

describe('bad captures', () => {
  const write = (name: string, content: string | Buffer): string => {
    const path = join(program.folder, name);
    writeFileSync(path, content);
    return path;
  };
  const refused = async (path: string): Promise<string> => {
    const { code, out, err } = await run(['check', path]);
    expect([code, out]).toEqual([2, '']);
    readable(err);
    return err;
  };

  test('empty, binary, not there, a folder without logs', async () => {
    expect(await refused(write('empty.txt', ''))).toContain('empty.txt');
    const noise = Buffer.from(
      Array.from({ length: 65536 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff),
    );
    await refused(write('noise.bin', noise));
    await refused(write('noise.txt.xz', noise));
    await refused(join(program.folder, 'not-there.txt'));
    await refused(mkdtempSync(join(program.folder, 'empty-')));
  });

  test('a log that ends in the middle of a dump names file and line', async () => {
    const log = readFileSync(join(FIXTURES, 'B-one-pv-guest/xl-dmesg.txt'), 'utf8');
    const err = await refused(write('cut.txt', log.slice(0, 12_000)));
    expect(err).toMatch(/cut\.txt(:\d+)?/);
  });

  test('200 MB of other messages before the dumps: a right answer in bounded memory', async () => {
    const path = join(program.folder, 'long.txt');
    writeFileSync(path, '');
    const line = `(XEN) d1v0 ${'x'.repeat(80)}\n`;
    const chunk = Buffer.from(line.repeat(20_000));
    for (let written = 0; written < 200e6; written += chunk.length) await appendFile(path, chunk);
    for await (const part of createReadStream(join(FIXTURES, 'A-dom0-only/xl-dmesg.txt')))
      await appendFile(path, part as Buffer);
    const { code, out } = await run(['check', path, '--json'], ['--max-old-space-size=256']);
    expect(code).toBe(0);
    expect(JSON.parse(out).host).toMatchObject({ domains: 1, eventChannels: 30 });
    rmSync(path);
  });
});
