/** The README's samples are what the program prints; where it leaves lines out it says "...". */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadInvariants } from '../../properties/registry.ts';
import { checkCapture } from '../../src/check/check-capture.ts';
import { counterexampleOf, updateAndJudge } from '../../src/check/judge-update.ts';
import type { CheckResult } from '../../src/check/result.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { defaultDesign, without } from '../../src/design/design.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import { checkText } from '../../src/report/check-text.ts';
import { version } from '../support/updates.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** Code blocks, without the command line that they may begin with. */
const blocks = [...README.matchAll(/```[a-z]*\n([\s\S]*?)```/g)].map((m) => m[1] as string);
const sampleWith = (part: string): string[] => {
  const block = blocks.find((b) => b.includes(part));
  if (block === undefined) throw new Error(`no sample with ${part}`);
  return block.split('\n').filter((l) => l.trim() !== '...' && l !== '' && !l.startsWith('$ '));
};

let capture: CheckResult;
beforeAll(async () => {
  const path = 'test/fixtures/real-xen/C-many-guests';
  const checked = await checkCapture(path, { to: '4.20' });
  if (checked._tag === 'Left') throw new Error(JSON.stringify(checked.left));
  capture = checked.right;
});

test('the first sample is what the check of that capture prints', () => {
  const sample = sampleWith('xen-lu check test/fixtures');
  expect(sample.length).toBeGreaterThan(5);
  const printed = checkText(capture).split('\n');
  expect(sample.filter((l) => !printed.includes(l))).toEqual([]);
});

test('the counterexample is one that a dropped rule gives', async () => {
  const [from, to] = [version('4.17'), version('4.17')];
  const design = without(defaultDesign, 'F7.5.pins');
  const invariants = await loadInvariants();
  const judged = updateAndJudge({ host: mixedHost(), from, to, design, invariants });
  const counterexample = counterexampleOf(judged);
  expect(counterexample).toBeDefined();
  const text = checkText({
    ...capture,
    from: from.id,
    to: to.id,
    verdict: 'violated',
    steps: judged.steps,
    invariants: judged.invariants,
    ...(counterexample === undefined ? {} : { counterexample }),
  });
  const printed = text.split('\n');
  const sample = sampleWith('VIOLATED');
  expect(sample.filter((l) => !printed.includes(l))).toEqual([]);
});

test('every command is explained', () => {
  for (const c of COMMANDS) expect(README).toContain(`xen-lu ${c.name}`);
});
