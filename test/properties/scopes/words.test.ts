import { expect, test } from 'vitest';
import { loadInvariants } from '../../../properties/registry.ts';
import { exploring } from '../../../properties/scope.ts';
import { designWith } from '../../../properties/scope-answers.ts';
import { document } from '../../../src/cli/explore/document.ts';
import { explorationText } from '../../../src/cli/explore/text.ts';
import { exploreSync } from '../../../src/explore/index.ts';
import { scopeOf } from './exhaust.ts';

test('a trace of a scope says what changed and what offends, not numbers of parts', async () => {
  const scope = { ...(await scopeOf('ioreq')), designs: [designWith({ Q1: 'pause' })] };
  const { machine, options, words } = exploring(scope, await loadInvariants());
  const result = exploreSync(machine, options);
  const lines = explorationText(result, { name: 'ioreq', invariants: [], words }).split('\n');
  expect(lines.every((line) => line.length <= 75)).toBe(true);
  const told = lines.slice(lines.indexOf('VIOLATED: always "I2.2"'));
  const offender = 'at the save: d1v0: io.req.state 1, completion mmio';
  expect(told[1]).toBe(`  - ${offender}`);
  expect(told).toContain('   0  d0 (pv, vCPUs 0 1), d1 (hvm, vCPUs 0), d2 (pv, vCPUs 0)');
  expect(told).toContain('      d1 pauseCount 0 -> 1');
  expect(told).toContain('      d1 goes on');
  expect(told.join('\n')).not.toMatch(/"#\d+"/);
  expect(JSON.parse(JSON.stringify(document(result, undefined, words)))).toMatchObject({
    verdict: 'violated',
    offenders: [offender, expect.stringContaining('defer_shutdown is set')],
    trace: { start: { begins: expect.stringContaining('d1 (hvm') } },
  });
});
