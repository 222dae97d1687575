/** The commands about mutants and traces: museum, vacuity, replay. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { museum } from '../../../src/cli/commands/museum.ts';
import { replay } from '../../../src/cli/commands/replay.ts';
import { vacuity } from '../../../src/cli/commands/vacuity.ts';
import { expectReadable, runCommand } from './run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'xen-lu-traces-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

describe('museum', () => {
  test('shows a bug with its source, who notices it, and the trace', async () => {
    const { code, out } = await runCommand(museum, 'B14', '--out', folder);
    expect(code).toBe(0);
    expectReadable(out);
    for (const part of ['xen 29fae90baa', 'killed by PNR-1', 'Not here: ', ' 10   lu.rollback'])
      expect(out).toContain(part);
    const again = await runCommand(museum, 'B14', '--out', folder);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('is there already')]);
  });

  test('gives the same facts as JSON, for bugs and for rules', async () => {
    const { code, out } = await runCommand(museum, 'B23', 'without R3', '--json');
    expect(code).toBe(0);
    const [bug, rule] = JSON.parse(out);
    expect(bug).toMatchObject({ id: 'B23', killedBy: ['PNR-1'], seed: 1, missed: [] });
    expect(bug.random).toMatchObject({ property: 'abort', seed: 1, killedBy: ['PNR-1'] });
    expect(bug.trace.at(-1)).toEqual({ type: 'lu.rollback' });
    expect(rule.killedBy).toContain('RUN-1');
  });

  test('writes reports for CI servers, but over no file of somebody else', async () => {
    const reports = ['--junit', file('out/r.xml'), '--sarif', file('out/r.sarif')];
    expect((await runCommand(museum, 'B14', ...reports)).code).toBe(0);
    expect(readFileSync(file('out/r.xml'), 'utf8')).toContain('tests="1" failures="0"');
    expect(JSON.parse(readFileSync(file('out/r.sarif'), 'utf8')).runs[0].results).toEqual([]);
    expect((await runCommand(museum, 'B14', ...reports)).code).toBe(0);
    writeFileSync(file('out/r.xml'), '<mine/>');
    const { code, err } = await runCommand(museum, 'B14', ...reports);
    expect([code, err.replace(/\s+/g, ' ')]).toEqual([
      2,
      expect.stringContaining('is no report of'),
    ]);
    expect(readFileSync(file('out/r.xml'), 'utf8')).toBe('<mine/>');
  });

  test('knows no other mutant', async () => {
    const { code, err } = await runCommand(museum, 'B99');
    expect([code, err]).toEqual([2, expect.stringContaining('no mutant "B99"')]);
  });
});

test('vacuity takes no arguments', async () => {
  expect((await runCommand(vacuity, 'I7.1')).code).toBe(2);
});

describe('replay', () => {
  test('shows steps, verdict and objects, and says it by its status', async () => {
    const { code, out } = await runCommand(replay, file('B14.json'));
    expect(code).toBe(1);
    expectReadable(out);
    expect(out).toMatch(/VIOLATED at step 10: PNR-1\.\n {2}- PNR-1 after the refusal: frame 0x/);
    const facts = JSON.parse((await runCommand(replay, file('B14.json'), '--json')).out);
    expect(facts).toMatchObject({ mutant: 'B14', violates: ['PNR-1'], found: null });
    expect(facts.steps).toHaveLength(10);
  });

  test('holds where nothing breaks', async () => {
    const trace = JSON.parse(readFileSync(file('B14.json'), 'utf8'));
    writeFileSync(file('plain.json'), JSON.stringify({ ...trace, mutant: undefined }));
    const { code, out } = await runCommand(replay, file('plain.json'));
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('HOLDS: no invariant breaks in 10 steps'),
    ]);
  });

  test('writes the smaller trace to a new file only, and prints a test', async () => {
    const args = [file('B14.json'), '--minimise', '--out', file('small.json'), '--as-test'];
    const { code, out } = await runCommand(replay, ...args);
    expect(code).toBe(1);
    expect(out).toContain("expect(replayed.violates).toEqual(['PNR-1'])");
    expect((await runCommand(replay, file('small.json'))).code).toBe(1);
    expect((await runCommand(replay, ...args)).err).toContain('is there already');
  });

  test.each<[string[], RegExp]>([
    [[], /wants one FILE/],
    [['a', 'b'], /wants one FILE/],
    [['a', '--json', '--as-test'], /not both/],
    [[file('none.json')], /no such file/],
    [[file('text.json')], /text\.json: no JSON/],
    [[file('other.json')], /other\.json: not a trace/],
    [[file('strange.json')], /there is no mutant "B99"/],
  ])('%j is bad input', async (args, what) => {
    writeFileSync(file('text.json'), 'not json');
    writeFileSync(file('other.json'), '{"format":"itf"}');
    const trace = JSON.parse(readFileSync(file('B14.json'), 'utf8'));
    writeFileSync(file('strange.json'), JSON.stringify({ ...trace, mutant: 'B99' }));
    const { code, err } = await runCommand(replay, ...args);
    expect(code).toBe(2);
    expect(err.replace(/\s+/g, ' ')).toMatch(what);
  });
});
