import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInvariants } from '../../../properties/registry.ts';
import { loadScenarios } from '../../../properties/scenario.ts';
import { inWords } from '../../../src/design/glossary/glossary.ts';
import { POLICIES } from '../../../src/design/policies.ts';
import { RULES } from '../../../src/design/rules.ts';
import { namesIn } from '../../../src/inspect/recording/trails.ts';
import { recordingOf } from '../recordings.ts';

const CAPTURE = join(import.meta.dirname, '../../fixtures/real-xen/A-dom0-only');

/** Five traces of different kinds: an answer lost, a host crash, lost memory, a lost event, no end. */
describe.each([
  ['S1', 'I9.2', ['R12'], 'forbids', /d1v0: ioreq with the emulator in d0/],
  ['S16', 'I6.1', ['R44', 'Q4'], 'forbids', /preempted in EVTCHNOP_reset/],
  ['S24', 'MEM-1', ['R26', 'R44'], 'differs', /frames 0x640.* is destroyed here/],
  ['S47', 'I6.5', ['F6.6.tails'], 'differs', /EVTCHN_QUEUES/],
  ['S6', 'LIVE-1', ['R14'], 'forbids', /d0 still emulates devices/],
] as const)('the story of %s', (id, broken, faults, kind, why) => {
  test('names what the design lacks, where it goes wrong, and what breaks', async () => {
    const { story, facts, invariants, steps } = await recordingOf(id);
    expect(story.verdict).toBe('violated');
    expect(story.broken[0]).toBe(broken);
    expect(story.faults.map((f) => f.id)).toEqual(faults);
    expect(story.divergence?.kind).toBe(kind);
    expect(story.divergence?.lines.join('\n')).toMatch(why);
    expect(story.divergence?.step).toBeLessThanOrEqual(story.at ?? -1);
    const said = steps[story.at ?? -1]?.said.filter((s) => !s.holds) ?? [];
    expect(said.map((s) => invariants[s.of]?.id)).toContain(broken);
    expect(story.offenders.length).toBeGreaterThan(0);
    for (const f of story.faults.filter((f) => f.kind === 'rule')) expect(facts[f.id]).toBe(f.text);
  });
});

test('the trail of what offends ends where it broke and begins before', async () => {
  const { story } = await recordingOf('S1');
  const slot = story.trails.find((t) => t.row === 'd1v0 server 0');
  expect(slot?.steps.map((s) => s.text)).toEqual([
    'is there: emulator d0, slot NONE, Xen waits for it no',
    'slot: NONE -> READY, Xen waits for it: no -> yes',
    'is gone',
    'is there: emulator d0, slot READY, Xen waits for it no',
  ]);
});

test('names of objects are found in what invariants say', () => {
  expect(
    namesIn(['d1v0 waits for d0 port 12', 'd1 grant 0x1f: pins', 'd3 handle 4', 'read0']),
  ).toEqual(['d1v0', 'd0 port 12', 'd1 grant 0x1f', 'd3 handle 4']);
});

test('a control under the full design has nothing missing and nothing broken', async () => {
  const { story } = await recordingOf('S22');
  expect(story).toMatchObject({
    verdict: 'holds',
    faults: [],
    broken: [],
    at: null,
    divergence: null,
  });
});

test('a capture says what was read and what was assumed, domain by domain', async () => {
  const { capture, story, steps } = await recordingOf(CAPTURE);
  expect(story.verdict).toBe('holds');
  expect(steps.length).toBeGreaterThan(15);
  expect(capture?.domains.map((d) => d.domid)).toEqual([0]);
  expect(capture?.read.join(' ')).toContain('xl-dmesg.txt');
  expect(capture?.assumed.find((a) => a.where?.includes(0))).toBeDefined();
});

test('every id that rules, questions, invariants and scenarios cite has words', async () => {
  const [invariants, scenarios] = await Promise.all([loadInvariants(), loadScenarios()]);
  const own = new Set([...invariants.map((i) => i.id), ...scenarios.map((s) => s.id)]);
  const cited = [...RULES, ...Object.values(POLICIES), ...invariants, ...scenarios]
    .flatMap((x) => x.sources)
    // Interactions are told by their scenarios, and museum numbers by the museum.
    .filter((id) => !own.has(id) && /^(A|F|Q|R|section)/.test(id));
  expect(cited.length).toBeGreaterThan(100);
  const wordless = [...new Set(cited)].filter((id) => inWords(id) === null);
  expect(wordless, 'say it in src/design/glossary/').toEqual([]);
});
