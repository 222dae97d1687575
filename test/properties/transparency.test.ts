/**
 * That nobody notices an update is a property of the suite. Here: they would,
 * where a rule is dropped.
 */
import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { MAY_NOTICE } from '../../properties/suite/may-notice.ts';
import { transparency } from '../../properties/suite/transparency.ts';
import { defaultDesign, without } from '../../src/design/design.ts';
import type { RuleId } from '../../src/design/rules.ts';

/** Rules whose absence somebody must notice in some of twenty lives. */
const NOTICED: readonly RuleId[] = [
  'R3',
  'R8',
  'R16',
  'R20',
  'R22',
  'R30',
  'R33',
  'R34',
  'R36.1',
  'R42',
  'F2.26.code',
  'I2.1.pauses',
  'F2.12.dying-last',
  'F6.6.tails',
  'F6.9.priority',
  'F6.10.recreate',
  'F6.16.ports',
  'F6.3.counts',
  'F6.3.virq',
  'F6.12.peers',
  'F7.5.pins',
  'F7.5.type',
  'F7.2.status',
  'F7.9.frames',
  'F8.13.mfn',
  'F8.15.m2p-content',
  'F8.5.pin',
  'F8.3.writable',
  'F9.1.slots',
  'F10.12.time',
  'F10.12.timers',
];

describe('a dropped rule is noticed', () => {
  const lives = fc.sample(transparency.arbitrary, { seed: 7, numRuns: 20 });
  test.each(NOTICED)('%s', (rule) => {
    const design = without(defaultDesign, rule);
    expect(lives.some((life) => isLeft(transparency.check(life, design)))).toBe(true);
  });

  test('and nothing is, where all are kept', () => {
    const noticed = lives.filter((life) => isLeft(transparency.check(life, defaultDesign)));
    expect(noticed.map((life) => transparency.describe(life))).toEqual([]);
  });
});

test('whatever a guest may notice has its reason, and its place in the comparison', () => {
  for (const { what, reason, compared } of MAY_NOTICE)
    for (const text of [what, reason, compared]) expect(text.length).toBeGreaterThan(20);
});
