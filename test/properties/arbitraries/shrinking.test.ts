/**
 * A bug of one object in a host of eight domains with two hundred pages each
 * comes down to what a person can read: counted in objects, not in time.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostArbitrary, type RandomHost } from '../../../properties/arbitraries/index.ts';
import { run, verdictOf } from '../../../properties/suite/judged.ts';
import { property } from '../../../properties/suite/property.ts';
import { tryProperty } from '../../../properties/suite/try.ts';
import { defaultDesign, without } from '../../../src/design/design.ts';
import type { RuleId } from '../../../src/design/rules.ts';

const large = hostArbitrary({
  minDomains: 8,
  maxDomains: 8,
  minPages: 200,
  maxPages: 210,
  maxParts: 60,
});

const carried = property<RandomHost>({
  id: 'large-hosts',
  title: 'A large host comes out of an update as it went in',
  says: 'As round-trip, of hosts of eight domains, to the same version.',
  sources: ['VER-1'],
  runs: 40,
  arbitrary: large,
  describe: (random) => random.describe(),
  check: ({ host, plan }, design) => {
    const update = { host, from: plan.version, image: { to: plan.version, build: {} }, design };
    return verdictOf(update, run(update));
  },
});

describe('a planted bug', () => {
  test.each<[RuleId, string]>([
    ['F7.5.pins', 'I7.1'],
    ['F6.9.priority', 'I6.6'],
    ['F10.12.timers', 'VER-1'],
  ])('%s', (rule, invariant) => {
    const tried = tryProperty(carried, { design: without(defaultDesign, rule), seed: 3 });
    if (tried.holds) throw new Error('not found');
    const { plan } = tried.value as RandomHost;
    expect(tried.violation.invariants).toContain(invariant);
    expect(plan.domains.length).toBeLessThanOrEqual(2);
    expect(plan.parts.length).toBeLessThanOrEqual(1);
    expect(tried.described.length).toBeLessThanOrEqual(4);
    // Every case that failed was one step down; far fewer than there are objects to try.
    expect(tried.shrinks).toBeLessThan(60);
  });
});

test('the hosts that they start from are large', () => {
  for (const h of fc.sample(large, { seed: 3, numRuns: 10 })) {
    expect(h.plan.domains).toHaveLength(8);
    for (const d of h.plan.domains) expect(d.pages).toBeGreaterThanOrEqual(200);
  }
});
