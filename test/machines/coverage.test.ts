import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { liveUpdate } from '../../machines/live-update.ts';
import { rawEvent } from '../../properties/arbitraries/history/arbitrary.ts';
import { hostArbitrary } from '../../properties/arbitraries/index.ts';
import { Coverage } from '../../src/world/coverage.ts';
import { COVERED, Run } from './coverage/drive.ts';
import { SCRIPTS } from './coverage/scripts.ts';
import { expectPage } from './coverage/table.ts';

const coverage = new Coverage([liveUpdate, ...COVERED.map((c) => c.machine)]);
/** Charts of which nothing may be dark. */
const LIT = [
  ...['live-update', 'domain', 'vcpu', 'hypercall', 'destroy-domain'],
  ...['tasklet', 'continue-on-cpu', 'rcu'],
];

describe('every state of a machine agrees with its host', () => {
  test.each(SCRIPTS.map((s) => [s.name, s] as const))('in runs of %s', (_name, script) => {
    expect(() => script(coverage)).not.toThrow();
  });

  test('in random lives', () => {
    const lives = fc.sample(
      fc.tuple(
        hostArbitrary({ maxDomains: 4, maxParts: 20, maxPages: 40 }),
        fc.array(rawEvent, { minLength: 60, maxLength: 120, size: 'max' }),
      ),
      { seed: 3, numRuns: 20 },
    );
    for (const [{ host }, raws] of lives)
      expect(() => new Run(coverage, { host }).live(raws)).not.toThrow();
  });
});

test.each(LIT)('nothing of %s is dark', (name) => {
  const found = coverage.report().find((r) => r.machine === name);
  expect(found?.transitions).toBeGreaterThan(3);
  expect(found?.dark).toEqual([]);
});

test('docs/machines.md says what these runs reach', () => {
  expectPage('runs', coverage.report());
});
