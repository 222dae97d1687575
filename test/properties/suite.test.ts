/**
 * Every property of the suite on its default budget of random cases, with a
 * fixed seed; and what those cases met, so that nothing holds for want of
 * anything to look at.
 *
 * XEN_LU_SEED and XEN_LU_RUNS (natural numbers) choose other cases, or more.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PART_KINDS } from '../../properties/arbitraries/host/parts/index.ts';
import { WAYS_OUT } from '../../properties/suite/abort.ts';
import { HOLDING } from '../../properties/suite/answers.ts';
import { SUITE } from '../../properties/suite/index.ts';
import { invariants } from '../../properties/suite/judged.ts';
import { addEvidence, type Evidence, NOTHING_MET } from '../../properties/suite/property.ts';
import { tryProperty } from '../../properties/suite/try.ts';
import { defaultDesign, without } from '../../src/design/design.ts';
import { POLICIES, type PolicyId, SAFEST } from '../../src/design/policies.ts';
import { VERSIONS } from '../../src/design/versions.ts';
import { RECORD_NAMES } from '../../src/stream/records/registry.ts';
import { keepFailure } from '../support/keep-failure.ts';

const natural = (name: string): number | undefined => {
  const n = Number(process.env[name] ?? '');
  return Number.isSafeInteger(n) && n > 0 ? n : undefined;
};
const seed = natural('XEN_LU_SEED') ?? 2021;
const runs = natural('XEN_LU_RUNS');

let evidence: Evidence = NOTHING_MET;
const metBy = (pattern: RegExp): readonly string[] =>
  Object.keys(evidence.met).filter((name) => pattern.test(name));

/** Milliseconds until a property is given up on a machine that is busy with other things. */
const PATIENCE = 300_000;

describe('of random hosts and histories', () => {
  test.each(SUITE.map((p) => [p.id, p] as const))(
    '%s',
    async (_id, p) => {
      const tried = tryProperty(p, {
        design: defaultDesign,
        seed,
        ...(runs === undefined ? {} : { runs }),
      });
      expect(tried.holds ? '' : await keepFailure(p, tried)).toBe('');
      if (tried.holds) evidence = addEvidence(evidence, tried.evidence);
      expect(tried.runs).toBe(runs ?? p.runs);
    },
    PATIENCE,
  );
});

describe('what the cases met', () => {
  test('every invariant of updates has looked at something', () => {
    const idle = Object.keys(evidence.checked).filter((id) => evidence.checked[id] === 0);
    const ofOthers = invariants
      .filter((i) => i.refused !== undefined || i.waiting !== undefined)
      .map((i) => i.id);
    expect(idle.filter((id) => !ofOthers.includes(id))).toEqual([]);
    expect(Object.keys(evidence.checked).length).toBeGreaterThan(25);
  });

  /** Only an answer that does not hold writes this (Q6 copy, R20); marks hold nothing. */
  const NEVER = ['PAGE_COUNTS'];
  const MARKS = ['END', 'END_OF_DOMAIN'];

  test('every record, by default or under another answer', () => {
    const met = metBy(/^record /).map((name) => name.slice('record '.length));
    const wanted = RECORD_NAMES.filter((n) => ![...NEVER, ...MARKS].includes(n));
    expect(wanted.filter((name) => !met.includes(name))).toEqual([]);
    expect(met.filter((name) => NEVER.includes(name))).toEqual([]);
  });

  test('every answer that holds, in a dozen of cases', () => {
    const few = Object.entries(HOLDING).flatMap(([q, [, ...others]]) =>
      others
        .map((answer) => `answer ${q} ${answer}`)
        .filter((name) => (evidence.met[name] ?? 0) < 12),
    );
    expect(few).toEqual([]);
  });

  test('every kind of part, in dozens of hosts', () => {
    const few = PART_KINDS.filter((k) => (evidence.met[`part ${k.id}`] ?? 0) < 12);
    expect(few.map((k) => k.id)).toEqual([]);
  });

  test('at least 50 kinds of commands that a smaller model followed', () => {
    expect(metBy(/^command /).length).toBeGreaterThanOrEqual(50);
  });

  test('every pair of versions, carried', () => {
    const pairs = VERSIONS.flatMap((a) => VERSIONS.map((b) => `${a.id} -> ${b.id} resumed`));
    expect(pairs).toHaveLength(49);
    expect(pairs.filter((pair) => evidence.met[pair] === undefined)).toEqual([]);
  });

  test('each way out, at each step before the jump, and after it nowhere', () => {
    const before = [
      'quiescing after lu.request',
      'quiescing after lu.park',
      'quiescing after domain.kill',
      'quiescing after emulator.take',
      'quiescing after emulator.respond',
      'quiescing after vcpu.complete-io',
      'quiescing after tasklet.run',
      'quiescing after rcu.run',
      'quiescing after paging.continue',
      'quiescing after evtchn.reset-continue',
      'quiescing after hypercall.finish',
      'saving.system after lu.park',
      'saving.domains after lu.save.system',
      'saving.domains after lu.save.domain',
      'saving.complete after lu.save.domain',
      'sealed after lu.save.seal',
    ];
    const after = [
      'booting after lu.jump',
      'mapping after xen2.boot',
      'reserving after xen2.map-stream',
      'restoring.pass0a after xen2.reserve',
      'restoring.pass1 after restore.0c',
      'restoring.pass2 after restore.2',
      'restoring.system after restore.2',
      'verifying after restore.system',
      'resuming after restore.verify',
      'done after lu.resume',
    ];
    const missing = WAYS_OUT.flatMap(({ type }) => [
      ...before.map((at) => `${type} in ${at}`),
      ...after.map((at) => `no ${type} in ${at}`),
    ]).filter((step) => evidence.met[step] === undefined);
    expect(missing).toEqual([]);
    expect(metBy(/^(?:lu\.)\w+ in (?:booting|restoring|verifying|resuming)/)).toEqual([]);
  });

  test('every two records of one pass, in either order', () => {
    const inPass2 = metBy(/^pass 2: /);
    const sides = new Set(inPass2.flatMap((name) => name.slice(8).split(' with ')));
    expect(sides.size).toBeGreaterThanOrEqual(12);
    expect(inPass2).toHaveLength(sides.size ** 2);
    expect(metBy(/^pass 1: /)).toHaveLength(9);
  });

  test('one to four updates in a row', () => {
    for (const n of [1, 2, 3, 4]) expect(evidence.met[`${n} updates in a row`]).toBeGreaterThan(5);
  });
});

test('two records that do not commute are named', () => {
  const order = SUITE.find((p) => p.id === 'order');
  if (order === undefined) throw new Error('no property of the order');
  const tried = tryProperty(order, {
    design: without(defaultDesign, 'F6.12.peers'),
    seed,
    runs: 20,
  });
  expect(tried.holds).toBe(false);
  if (tried.holds) return;
  expect(tried.violation.invariants).toEqual(['DEP-2']);
  expect(tried.violation.what[0]).toMatch(
    /^pass 2: EVTCHN_PORTS with EVTCHN_PORTS of d\d+ and d\d+: /,
  );
  expect(tried.described.length).toBeLessThan(8);
});

test('the answers that are drawn are the ones that the searches found to hold', () => {
  // "- **finish** (default): ..." says what there is, "- **finish** breaks nothing." what was found.
  const held = Object.keys(POLICIES).flatMap((q) => {
    const page = readFileSync(new URL(`../../docs/questions/${q}.md`, import.meta.url), 'utf8');
    const answers = Object.keys(POLICIES[q as PolicyId].answers);
    return answers
      .filter(
        (a) =>
          a === SAFEST[q as PolicyId] ||
          !new RegExp(`- \\*\\*${a}\\*\\* breaks (?!nothing)`).test(page),
      )
      .map((a) => `${q} ${a}`);
  });
  const several = held.filter((a) =>
    held.some((b) => a !== b && a.split(' ')[0] === b.split(' ')[0]),
  );
  const drawn = Object.entries(HOLDING).flatMap(([q, all]) => all.map((a) => `${q} ${a}`));
  expect(drawn).toEqual(several);
});
