import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Either, isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { assign, createMachine } from 'xstate';
import { exploreSync, exportPromela } from '../../src/explore/index.ts';
import { suite } from './machines/suite.ts';
import { eventsOf, regions, tableEventsOf, tables } from './machines/two-phase.ts';

const onPath = (tool: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some((dir) => existsSync(join(dir, tool)));

function modelOf(exported: Either<string, string>): string {
  if (isLeft(exported)) throw new Error(exported.left);
  return exported.right;
}

/** States stored and errors found by SPIN, exhaustive and without reduction. */
function spin(model: string): { states: number; errors: number } {
  const dir = mkdtempSync(join(tmpdir(), 'xen-lu-promela-'));
  try {
    writeFileSync(join(dir, 'model.pml'), model);
    execFileSync('spin', ['-a', 'model.pml'], { cwd: dir, stdio: 'pipe' });
    const flags = ['-O0', '-DSAFETY', '-DNOREDUCE', '-o', 'pan', 'pan.c'];
    execFileSync('gcc', flags, { cwd: dir, stdio: 'pipe' });
    const out = execFileSync('./pan', ['-m1000000'], { cwd: dir, encoding: 'utf8', stdio: 'pipe' });
    return {
      states: Number(/([\d.e+]+) states, stored/.exec(out)?.[1]),
      errors: Number(/errors: (\d+)/.exec(out)?.[1]),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('Promela', () => {
  test.runIf(onPath('spin') && onPath('gcc'))('SPIN stores as many states', () => {
    const names = [
      'shallow history',
      'always with guards, in chains',
      'raise, entry and exit, in order',
    ];
    const chosen = suite.filter(({ name }) => names.includes(name));
    expect(chosen).toHaveLength(3);
    for (const { name, machine, events } of chosen) {
      const options = { events: events as never };
      const { states } = exploreSync(machine, options);
      expect({ name, ...spin(modelOf(exportPromela(machine, options))) }).toEqual({
        name,
        states,
        errors: 0,
      });
    }
    const inRegions = exportPromela(regions(4), { events: eventsOf(4) as never });
    expect(spin(modelOf(inRegions))).toEqual({ states: 1568, errors: 0 });
  });

  test.runIf(onPath('spin') && onPath('gcc'))('SPIN comes to the same verdict', () => {
    for (const [n, verdict] of [
      ['committed', 'violated'],
      ['lost', 'holds'],
    ] as const) {
      const options = {
        events: tableEventsOf(2),
        always: { claim: ({ context }: { context: { rm: string[] } }) => !context.rm.includes(n) },
      };
      expect(exploreSync(tables(2), options).verdict).toBe(verdict);
      const { errors } = spin(modelOf(exportPromela(tables(2), options)));
      expect(errors > 0).toBe(verdict === 'violated');
    }
  });

  test('every machine of the suite has a model or a reason', () => {
    let models = 0;
    for (const { machine, events, input } of suite) {
      const exported = exportPromela(machine, { events: events as never, input });
      if (isRight(exported)) models++;
      else expect(exported.left).not.toBe('');
    }
    expect(models).toBeGreaterThan(20);
  });

  test('what has no end, and what cannot be explored, is told', () => {
    const endless = createMachine({
      context: { n: 0 },
      on: { UP: { actions: assign({ n: ({ context }) => context.n + 1 }) } },
    });
    expect(isLeft(exportPromela(endless, { maxStates: 100 }))).toBe(true);
    const timed = createMachine({ initial: 'a', states: { a: { after: { 5: 'b' } }, b: {} } });
    expect(exportPromela(timed)).toMatchObject({ _tag: 'Left' });
  });
});
