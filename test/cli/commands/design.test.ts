/** scenarios, ablate and compare, as they are used. */
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../src/cli/command.ts';
import { ablate } from '../../../src/cli/commands/ablate.ts';
import { compare } from '../../../src/cli/commands/compare.ts';
import { scenarios } from '../../../src/cli/commands/scenarios.ts';
import { expectReadable, runCommand } from './run-command.ts';

describe('scenarios', () => {
  test('says of one that was asked for what was found', async () => {
    const { code, out } = await runCommand(scenarios, 'S14', '--json');
    expect(code).toBe(EXIT.holds);
    const [only, ...more] = JSON.parse(out);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ id: 'S14', policy: { Q4: 'cursor-only' }, violates: 'LIVE-2' });
    expect(only.found).toBe(true);
    expect(only.steps).toBeGreaterThan(3);
  });

  test('prints a control, which breaks nothing', async () => {
    const { code, out } = await runCommand(scenarios, 'S22', 'S6');
    expect(code).toBe(EXIT.holds);
    expect(out).toContain('control: nothing may break');
    expectReadable(out);
  });

  test('refuses one that does not exist', async () => {
    const { code, err } = await runCommand(scenarios, 'S999');
    expect([code, err]).toEqual([EXIT.badInput, 'no scenario "S999"']);
  });
});

describe('ablate', () => {
  test('finds what breaks without a rule, with a trace', async () => {
    const { code, out } = await runCommand(ablate, 'R14', '--json');
    expect(code).toBe(EXIT.violated);
    const [r] = JSON.parse(out);
    expect(r).toMatchObject({ rule: 'R14', verdict: 'violated' });
    expect(r.violates).toContain('LIVE-1');
    expect(r.trace.at(-1).type).toBe('ioreq.send');
    expect(r.searched.states).toBeGreaterThan(50);
  });

  test('takes answers as well', async () => {
    const { out } = await runCommand(ablate, '--policy', 'Q4=registers-only');
    expect(out).toMatch(/^Q4=registers-only: breaks I3\.2/);
    expectReadable(out);
  });

  test.each([
    [['R99'], 'no rule "R99"'],
    [['--policy', 'Q4'], 'Q4 has no answer ""'],
    [['--policy', 'Q99=x'], 'no question "Q99"'],
  ])('refuses %j', async (args, what) => {
    const { code, err } = await runCommand(ablate, ...args);
    expect(code).toBe(EXIT.badInput);
    expect(err).toContain(what);
  });
});

describe('compare', () => {
  test('shows every answer; the default breaks nothing', async () => {
    const { code, out } = await runCommand(compare, 'Q10', '--json');
    expect(code).toBe(EXIT.holds);
    const results: { answer: string; isDefault: boolean; verdict: string }[] = JSON.parse(out);
    expect(results.find((r) => r.isDefault)?.verdict).toBe('holds');
    expect(results.find((r) => r.answer === 'anywhere')?.verdict).toBe('violated');
  });

  test('wants a question', async () => {
    expect((await runCommand(compare)).code).toBe(EXIT.badInput);
    expect((await runCommand(compare, 'toString')).code).toBe(EXIT.badInput);
  });
});
