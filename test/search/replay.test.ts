/** Traces that are played again, made smaller, printed, and pinned by tests. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { liveUpdate } from '../../machines/live-update.ts';
import { loadMutants, mutated } from '../../properties/mutant.ts';
import { loadInvariants } from '../../properties/registry.ts';
import { asTest } from '../../src/report/as-test.ts';
import { namesIn, objectsText } from '../../src/report/objects.ts';
import { replayText } from '../../src/report/replay-text.ts';
import { minimise } from '../../src/search/minimise.ts';
import { exhibitBug } from '../../src/search/museum.ts';
import { type Player, playerOf, replay, replayJson } from '../../src/search/replay.ts';
import { decodeTrace, encodeTrace, type Trace } from '../../src/trace/trace-file.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const invariants = await loadInvariants();
const mutants = await loadMutants();

const traceOf = (id: string): Trace => {
  const m = mutants.find((one) => one.id === id);
  const trace = m === undefined ? null : exhibitBug(m, invariants).replay;
  if (trace === null) throw new Error(`${id} has no trace`);
  return trace;
};
const playerFor = (id: string): Player => {
  const m = mutants.find((one) => one.id === id);
  return { machine: m === undefined ? liveUpdate : mutated(m), invariants };
};
const width = (text: string): number => Math.max(...text.split('\n').map((l) => l.length));

const dropped = traceOf('B09');
const cancelled = traceOf('B08');

describe('a trace file of a mutant', () => {
  test('keeps its mutant and where it was found, and breaks the same again', async () => {
    const found = { property: 'round-trip', seed: -7, path: '3:0:1' };
    const back = decodeTrace(JSON.parse(encodeTrace({ ...dropped, found })));
    if (!isRight(back)) throw new Error(back.left);
    expect([back.right.mutant, back.right.found]).toEqual(['B09', found]);
    const replayed = await replayJson(JSON.parse(encodeTrace(dropped)));
    expect(replayed.violates).toEqual(['I2.2', 'I9.1', 'I9.2', 'RUN-1', 'VER-1']);
    expect(replayed.steps.every((s) => s.happened)).toBe(true);
  });

  test('breaks nothing without its mutant', () => {
    const { mutant: _, ...plain } = cancelled;
    const replayed = replay(plain, playerFor('none'));
    expect(replayed.offenders).toEqual([]);
    expect(replayed.steps.at(-1)?.state).toBe('refused');
  });

  test('of a mutant that nobody knows is refused by name', async () => {
    const player = await playerOf({ ...dropped, mutant: 'B99' });
    expect(player).toEqual({ _tag: 'Left', left: 'trace.mutant: there is no mutant "B99"' });
    await expect(replayJson({ format: 'other' })).rejects.toThrow(/not a trace/);
  });
});

describe('a trace made smaller', () => {
  const noise: Trace['events'] = [
    { type: 'sched.block', domid: 1, vcpu: 0 },
    { type: 'emulator.take', domid: 1, server: 0, vcpu: 0 },
    { type: 'lu.jump' },
  ];
  const long: Trace = {
    ...cancelled,
    events: cancelled.events.flatMap((e) => [...noise.map((n) => ({ ...n })), e]),
  };
  const player = playerFor('B08');
  const small = minimise(long, player);

  test('loses what the violation can do without, and no more', () => {
    expect(replay(long, player).violates).toContain('PNR-1');
    expect(small.trace.events).toEqual(cancelled.events);
    for (let i = 0; i < small.trace.events.length; i++) {
      const events = small.trace.events.filter((_, at) => at !== i);
      expect(replay({ ...small.trace, events }, player).violates).not.toContain(small.violates[0]);
    }
  });

  test('stays as it is when it breaks nothing', () => {
    const { mutant: _, ...plain } = long;
    expect(minimise(plain, playerFor('none'))).toEqual({ trace: plain, tried: 1, violates: [] });
  });
});

describe('what a person reads', () => {
  const replayed = replay(dropped, playerFor('B09'));
  const text = replayText({ ...dropped, found: { property: 'p', seed: 1, path: '0:1' } }, replayed);

  test('fits 75 columns and names start, steps, what is broken and the objects', () => {
    expect(width(text)).toBeLessThanOrEqual(75);
    for (const part of ['Mutant      B09', 'seed 1, path 0:1', 'VIOLATED at step 26: I2.2, I9.1'])
      expect(text).toContain(part);
    expect(text).toMatch(/d1v0 +before {2}pauseFlags 4, deferShutdown true/);
    expect(text).toMatch(/after {3}pauseFlags 0, deferShutdown false/);
  });

  test('an object is named once, by its smallest name', () => {
    const lines = [
      'I8.2 after the update: frame 0x1f: counts',
      'X d1 port 3: bad',
      'X d1 port 3: b',
    ];
    expect(namesIn(lines)).toEqual(['frame 0x1f', 'd1 port 3']);
    const { before, after } = replayed;
    expect(objectsText(['X d9 port 1: gone'], before, after)[0]).toContain('in neither host');
    expect(objectsText(['X frame 0x1: free'], before, before)[0]).toContain('as before');
  });
});

/** Runs vitest over printed tests in a folder of their own; the status of each by its file. */
const statusOf = async (
  tests: Readonly<Record<string, string>>,
): Promise<Record<string, string>> => {
  const folder = mkdtempSync(join(tmpdir(), 'pins-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(folder, 'vitest.config.ts'),
      'export default { test: { include: ["*.test.ts"] } };',
    );
    const sources = pathToFileURL(join(ROOT, 'src/search/replay.ts')).pathname;
    for (const [name, source] of Object.entries(tests))
      writeFileSync(
        join(folder, `${name}.test.ts`),
        source.replace('../../src/search/replay.ts', sources),
      );
    const report = join(folder, 'report.json');
    const bin = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const args = [bin, 'run', '--root', folder, '--reporter=json', `--outputFile=${report}`];
    await new Promise((done) => {
      execFile(process.execPath, [...args, '--maxWorkers=1'], { cwd: folder }, done);
    });
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
      testResults: { name: string; status: string }[];
    };
    return Object.fromEntries(
      testResults.map((r) => [r.name.replace(/^.*\/(.*)\.test\.ts$/, '$1'), r.status]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test('the printed tests run: they pass or fail as the trace does', async () => {
  const { mutant: _, ...plain } = cancelled;
  // A host that is wrong from the start stands for a defect of the real machine.
  const d = plain.host.xen.domains[1] as (typeof plain.host.xen.domains)[number];
  const domains = { ...plain.host.xen.domains, 1: { ...d, pauseCount: 1 } };
  const wrong = { ...plain, host: { ...plain.host, xen: { ...plain.host.xen, domains } } };
  const tests = {
    mutant: asTest(cancelled, replay(cancelled, playerFor('B08'))),
    plain: asTest(plain, replay(plain, playerFor('none'))),
    wrong: asTest(wrong, replay(wrong, playerFor('none'))),
  };
  expect(tests.mutant).toContain('breaks I2.1, PNR-1');
  expect(await statusOf(tests)).toEqual({ mutant: 'passed', plain: 'passed', wrong: 'failed' });
});
