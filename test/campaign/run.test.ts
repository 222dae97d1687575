/** Campaigns as they run: shared out, interrupted, resumed, with failures, over cheap properties. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { property } from '../../properties/suite/property.ts';
import { CASES_OF_A_BATCH, type Shard } from '../../src/campaign/batch.ts';
import { linesOf, merge, type Results, resultsOf, totalsOf } from '../../src/campaign/results.ts';
import { prepareFolder, readResults } from '../../src/campaign/store.ts';
import { runCampaign } from '../../src/cli/campaign/run.ts';
import { campaignText } from '../../src/report/campaign-text.ts';

const folders: string[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'campaign-'));
  folders.push(folder);
});
afterAll(() => {
  for (const f of folders) rmSync(f, { recursive: true });
});

/** Called with every case that the cheap properties see. */
let onCase: () => void = () => undefined;
const numbers = (id: string, from: number) =>
  property({
    id,
    title: 'A number is small',
    says: 'No number reaches the limit.',
    sources: ['none'],
    runs: 10,
    arbitrary: fc.nat(10_000),
    describe: (n) => [`the number ${n}`],
    check: (n) => {
      onCase();
      const violated = { invariants: ['X-1'], what: [`d0: ${n} is too large`], trace: null };
      return n >= from ? left(violated) : right({ checked: { 'X-1': 1 }, met: { number: 1 } });
    },
  });
const PROPERTIES = [numbers('small', 20_000), numbers('large', 9900)];

const run = (batches: number, shard: Shard = { part: 1, of: 1 }, known: Results = resultsOf([])) =>
  runCampaign({
    properties: PROPERTIES,
    seed: 5,
    shard,
    known,
    folder,
    milliseconds: Number.POSITIVE_INFINITY,
    batches,
    clock: () => 0,
    onProgress: () => undefined,
  });
const read = (): Results => {
  const results = readResults(folder);
  if (isLeft(results)) throw new Error(results.left);
  return results.right;
};

describe('a campaign', () => {
  test('gives the same batches again, and has them in its folder', async () => {
    const once = await run(12);
    const again = await run(12);
    expect(linesOf(again.results)).toEqual(linesOf(once.results));
    expect(linesOf(read())).toEqual(linesOf(once.results));
    expect(totalsOf(once.results).properties.map((p) => p.batches)).toEqual([6, 6]);
  });

  test('shared out over machines comes to what one machine does', async () => {
    const whole = await run(12);
    const parts = [1, 2, 3].map((part) => run(4, { part, of: 3 }));
    const merged = (await Promise.all(parts)).map((p) => p.results).reduceRight(merge);
    expect(linesOf(merged)).toEqual(linesOf(whole.results));
  });

  test('goes on where Ctrl-C ended it, and comes to the same', async () => {
    const whole = await run(8);
    rmSync(join(folder, 'batches.jsonl'));
    let cases = 0;
    onCase = () => {
      if (++cases === 2 * CASES_OF_A_BATCH + 3) process.emit('SIGINT');
    };
    const first = await run(8);
    onCase = () => undefined;
    expect(first.interrupted).toBe(true);
    // What was under way is finished, not lost.
    expect(first.results.size).toBeGreaterThanOrEqual(2);
    expect(first.results.size).toBeLessThan(8);
    const second = await run(8 - first.results.size, { part: 1, of: 1 }, read());
    expect(linesOf(second.results)).toEqual(linesOf(whole.results));
    expect(linesOf(read())).toEqual(linesOf(whole.results));
  });

  test('ends when the time is up', async () => {
    let now = 0;
    const ended = await runCampaign({
      properties: PROPERTIES,
      seed: 5,
      shard: { part: 1, of: 1 },
      known: resultsOf([]),
      folder,
      milliseconds: 40,
      batches: 1000,
      clock: () => (now += 10),
      onProgress: () => undefined,
    });
    expect([ended.results.size, ended.interrupted]).toEqual([3, false]);
  });

  test('tells the smallest case of a failure, and how to see it again', async () => {
    const { results } = await run(20);
    const { failures } = totalsOf(results);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every((b) => b.property === 'large')).toBe(true);
    const [first] = failures;
    expect(first?.failure).toMatchObject({ invariants: ['X-1'], described: ['the number 9900'] });
    const text = campaignText(results, ['X-1', 'X-2'], () => null);
    expect(text).toContain('never by X-2');
    expect(text).toContain(
      `xen-lu campaign --case large,${first?.caseSeed},${first?.failure?.path}`,
    );
    expect(text).toMatch(/VIOLATED in \d+ batch/);
  });
});

describe('a folder of results', () => {
  test('loses the line that a crash cut off, and nothing else', async () => {
    const { results } = await run(4);
    appendFileSync(join(folder, 'batches.jsonl'), '{"seed":5,"prop');
    expect(linesOf(read())).toEqual(linesOf(results));
    expect(prepareFolder(folder)).toBeNull();
    expect(readFileSync(join(folder, 'batches.jsonl'), 'utf8').endsWith('}\n')).toBe(true);
    expect(linesOf(read())).toEqual(linesOf(results));
  });

  test.each(['no JSON', '{}', '{"seed":1.5}'])(
    'with the line %s is refused by its number',
    (line) => {
      writeFileSync(join(folder, 'batches.jsonl'), `${line}\n`);
      const results = readResults(folder);
      expect(isRight(results) ? '' : results.left).toMatch(/batches\.jsonl:1: no batch/);
    },
  );

  test('without results is told', () => {
    expect(readResults(join(folder, 'none'))).toMatchObject({
      left: expect.stringMatching(/no results of a campaign/),
    });
  });

  test('that cannot be made is told', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(prepareFolder(join(folder, 'file', 'sub'))).toMatch(/ENOTDIR|not a directory/);
  });
});
