/** `xen-lu campaign` and `campaign merge` as a person uses them, over the real suite. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { campaign } from '../../../src/cli/commands/campaign.ts';
import { expectReadable, runCommand } from './run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'xen-lu-campaign-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

describe('a campaign', () => {
  test('goes on only where it is told to, and merges to one report in any order', async () => {
    const one = await runCommand(campaign, '--batches', '1', '--shard', '1/2', '--out', at('a'));
    expect(one.code).toBe(0);
    expectReadable(one.out);
    expect(one.out).toMatch(/HOLDS: no property is violated in 25 cases of 1 batch\./);
    const again = await runCommand(campaign, '--batches', '1', '--out', at('a'));
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('has results already')]);
    await runCommand(campaign, '--batches', '1', '--shard', '2/2', '--out', at('b'));
    const ab = await runCommand(campaign, 'merge', at('a'), at('b'), '--out', at('ab'));
    const ba = await runCommand(campaign, 'merge', at('b'), at('a'));
    expect(ab.code).toBe(0);
    expect(ab.out).toBe(ba.out);
    expect(ab.out).toContain('50 cases of 2 batches');
    expect((await runCommand(campaign, 'merge', at('ab'), at('b'))).out).toBe(ab.out);
    const totals = JSON.parse((await runCommand(campaign, 'merge', at('ab'), '--json')).out);
    expect(totals.seeds).toEqual([1]);
    expect(totals.checked['I8.2']).toBeGreaterThan(1000);
  });

  test('tries one case again', async () => {
    const { code, out } = await runCommand(campaign, '--case', 'round-trip,2021,0');
    expect([code, out]).toEqual([0, 'HOLDS: this case violates nothing.']);
  });

  test.each<[string[], RegExp]>([
    [['--minutes', '0'], /--minutes 0/],
    [['--minutes', 'x'], /--minutes x/],
    [['--batches', '1.5'], /--batches 1\.5/],
    [['--seed', '4294967296'], /32-bit/],
    [['--shard', '3/2'], /I from 1 to N/],
    [['--case', 'round-trip,1,x'], /--case PROPERTY,SEED,PATH; properties are round-trip/],
    [['more'], /knows "merge", not "more"/],
    [['merge'], /wants the folders/],
    [['merge', at('none')], /no results of a campaign/],
    [['--resume', '--out', at('none')], /no results to go on with/],
  ])('%j is wrong', async (args, what) => {
    const { code, err } = await runCommand(campaign, ...args);
    expect(code).toBe(2);
    expect(err.replace(/\s+/g, ' ')).toMatch(what);
  });
});
