import { expect, test } from 'vitest';
import { run } from '../../../src/cli/commands/run.ts';
import { expectReadable, runCommand } from './run-command.ts';

test('shows a run to its end, one line of fixed columns a step, with a legend', async () => {
  const { code, out } = await runCommand(run, 'mixed, active', '--seed', '3');
  expect(code).toBe(0);
  expectReadable(out);
  expect(out).toContain('L parked for the update');
  const lines = out.split('\n').filter((line) => /^ +\d+ {2}/.test(line));
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.at(-1)).toMatch(/lu\.resume d\d .* done +Rgg {2}Rgg /);
  // Every update state stands in the same column.
  for (const line of lines) expect(line.slice(40, 52)).toMatch(/^ ?\S+ *$/);
  expect(out).toMatch(/domctl\.destroydomain d2 +d0v0 .* Rhg/);
});

test('is the same for the same seed, and another for another', async () => {
  const of = (seed: string) => runCommand(run, 'life', '--seed', seed, '--steps', '40');
  const [a, b, c] = [await of('5'), await of('5'), await of('6')];
  expect(a).toEqual(b);
  expect(a.out).not.toBe(c.out);
  expectReadable(a.out);
});

test('ends in the state that is asked for', async () => {
  const { out } = await runCommand(run, 'S1', '--until', 'sealed', '--json');
  const steps = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(steps.at(-1)).toMatchObject({ event: { type: 'lu.save.seal' }, update: 'sealed' });
  expect(steps.at(-1).domains[0].domain).toContain('alive.xen.parked');
  expect(steps.every((s) => s.disagree.length === 0)).toBe(true);
});

test.each([
  [[], 'wants one SCOPE'],
  [['nowhere'], 'no scope "nowhere"; there are life, mixed'],
  [['life', '--seed=-1'], '--seed wants a number'],
  [['life', '--seed', '1e3'], '--seed wants a number'],
  [['life', '--steps', '9999999'], '--steps wants a number from 0 to 100000'],
  [['life', '--until', 'tomorrow'], 'the update has no state "tomorrow"; it has idle'],
])('bad usage %j says what would be right', async (args, what) => {
  const { code, err } = await runCommand(run, ...args);
  expect(code).toBe(2);
  expect(err).toContain(what);
});
