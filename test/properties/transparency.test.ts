/**
 * Nobody notices an update: the same random life of a host, with one to four
 * updates up and down in version and without them, is the same to everyone.
 * And it is shown that they would notice, where a rule is dropped.
 *
 * XEN_LU_SEED and XEN_LU_RUNS (natural numbers) choose other stories, or more.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultDesign, without } from '../../src/design/design.ts';
import type { RuleId } from '../../src/design/rules.ts';
import { VERSIONS } from '../../src/design/versions.ts';
import { mixedHost } from '../../src/host/build/mixed-host.ts';
import type { Host } from '../../src/host/host.ts';
import { play, type Told } from './transparency.ts';

const natural = (name: string, otherwise: number): number => {
  const n = Number(process.env[name] ?? '');
  return Number.isSafeInteger(n) && n > 0 ? n : otherwise;
};
const seed = natural('XEN_LU_SEED', 2021);
const numRuns = natural('XEN_LU_RUNS', 100);

const small = fc.nat(999);
// Without bias: small numbers would mean the first events and domains most of the time.
const raw = fc.noBias(fc.tuple(fc.nat(99_999), fc.nat(9_999), small, small, small, small));
const events = (most: number) => fc.array(raw, { minLength: 5, maxLength: most, size: 'max' });
const versionId = fc.constantFrom(...VERSIONS.map((v) => v.id));
const story = fc.record({
  from: versionId,
  before: events(100),
  rounds: fc.array(fc.record({ to: versionId, events: events(60) }), {
    minLength: 1,
    maxLength: 4,
    size: 'max',
  }),
});

const start: Readonly<Record<string, Host>> = Object.fromEntries(
  VERSIONS.map(({ id, countRules }) => [id, mixedHost({ version: id, rules: countRules })]),
);
const hostOf = (id: string): Host => start[id] as Host;

describe('an update is noticed by nobody', () => {
  const all: Told[] = [];
  beforeAll(() => {
    fc.assert(
      fc.property(story, (s) => {
        const told = play(hostOf(s.from), s);
        all.push(told);
        expect(told.noticed).toEqual([]);
      }),
      { seed, numRuns },
    );
  });

  const sum = (of: (t: Told) => number): number => all.reduce((n, t) => n + of(t), 0);

  test('in any story', () => {
    expect(all).toHaveLength(numRuns);
  });

  test('and the stories have updates, and events after them', () => {
    expect(sum((t) => t.updates)).toBeGreaterThan(numRuns);
    expect(sum((t) => t.compared)).toBeGreaterThan(30 * numRuns);
    // A guest that its tool stack paused in the middle of an emulation keeps one from happening.
    expect(sum((t) => t.refused)).toBeLessThan(sum((t) => t.updates) / 5);
  });
});

/** Rules whose absence somebody must notice in some of six stories. */
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
  const stories = fc.sample(story, { seed: 7, numRuns: 6 });
  test.each(NOTICED)('%s', (rule) => {
    const design = without(defaultDesign, rule);
    const noticed = stories.filter((s) => play(hostOf(s.from), s, design).noticed.length > 0);
    expect(noticed.length).toBeGreaterThan(0);
  });
});
