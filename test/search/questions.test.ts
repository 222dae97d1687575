/**
 * The pages of docs/questions: each answer to each open question, searched
 * in the smallest scope that tells the answers apart. Whoever changes an
 * answer refreshes the pages with `npx vitest run test/search -u`.
 */
import { describe, expect, test } from 'vitest';
import { loadInvariants } from '../../properties/registry.ts';
import { loadScenarios, type Scenario } from '../../properties/scenario.ts';
import {
  oneSided,
  SCOPES,
  type Scope,
  withCrashKernel,
} from '../../properties/scopes/questions.ts';
import { hostOf } from '../../properties/support/scenes.ts';
import { updateAndJudge } from '../../src/check/judge-update.ts';
import { type Design, defaultDesign } from '../../src/design/design.ts';
import { POLICIES, type Policies, type Policy, type PolicyId } from '../../src/design/policies.ts';
import { apply } from '../../src/hypercalls/apply.ts';
import { hostOf as hostAt } from '../../src/liveupdate/update.ts';
import type { SearchResult } from '../../src/search/request.ts';
import { requestOf } from '../../src/search/scenario-search.ts';
import { search } from '../../src/search/search.ts';
import { version } from '../support/updates.ts';
import { PROSE } from './question-prose.ts';

const invariants = await loadInvariants();
const scenarios = await loadScenarios();
const questions = Object.keys(POLICIES) as PolicyId[];

const answering = (answers: Readonly<Partial<Record<PolicyId, string>>>): Design => ({
  ...defaultDesign,
  policies: { ...defaultDesign.policies, ...(answers as Partial<Policies>) },
});

const scopesOf = (q: PolicyId): Scope[] =>
  SCOPES[q].map((scope) => {
    if (!('scenario' in scope)) return scope;
    const s = scenarios.find(({ id }) => id === scope.scenario);
    if (s === undefined) throw new Error(`no scenario ${scope.scenario}`);
    return { what: `the scope of ${s.id}: ${s.title}`, ...s };
  });

const known = new Map<string, SearchResult>();

const searched = (q: PolicyId, answer: string, scope: Scope): SearchResult => {
  const key = `${q}=${answer} in ${scope.what}`;
  const result = known.get(key) ?? searchedAnew(q, answer, scope);
  known.set(key, result);
  return result;
};

const searchedAnew = (q: PolicyId, answer: string, scope: Scope): SearchResult => {
  const { start, events = [], order = 'fair', judgedBy, given = {} } = scope;
  const s: Scenario = {
    ...{ id: q, title: q, says: q, sources: [q], violates: null },
    ...{ start, events, order, ...(judgedBy === undefined ? {} : { judgedBy }) },
  };
  // To the end whatever breaks: what an answer costs is asked as well.
  const request = requestOf({ ...s, given }, answering({ [q]: answer }), invariants);
  return search({ ...request, exhaust: true });
};

/** A paragraph of at most `width` columns. */
const wrap = (text: string, indent = '', width = 75): string => {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width)
      lines[lines.length - 1] += ` ${word}`;
    else lines.push(lines.length === 0 ? word : indent + word);
  }
  return lines.join('\n');
};

/** As a sentence; xen#1 and xen#2 stay as they are spelt. */
const sentence = (says: string): string =>
  `${says.startsWith('xen#') ? says : says.charAt(0).toUpperCase() + says.slice(1)}.`;

const eventText = (e: SearchResult['trace'][number]): string => {
  const fields = Object.entries(e)
    .filter(([k, v]) => k !== 'type' && typeof v !== 'object' && k !== 'commandLine')
    .map(([k, v]) => `${k} ${v}`);
  return [e.type, ...fields].join(', ').replace(',', ':');
};

/** One line of the table: how the updates of a scope ended under an answer. */
const costText = (answer: string, r: SearchResult): string => {
  const { done, refused, crashed, lost, stuck } = r.ends;
  const steps = r.quiesce === null ? '-' : `${r.quiesce.min}..${r.quiesce.max}`;
  const numbers = [done, refused, crashed, lost, stuck].map((n) => String(n).padStart(7)).join('');
  return `${answer.padEnd(15)}${numbers}${steps.padStart(8)}${String(r.states).padStart(8)}`;
};

const HEAD = `${'answer'.padEnd(15)}   done refused crashed  lost   waits   steps  states`;

/** The trace; what every update does between jump and end is told by its last step. */
const traceLines = (trace: SearchResult['trace']): string[] => {
  const lines = trace.map((e, i) => `${String(i + 1).padStart(3)}  ${eventText(e).slice(0, 66)}`);
  const jump = trace.findIndex((e) => e.type === 'lu.jump');
  const between = jump < 0 ? 0 : lines.length - jump - 2;
  if (between < 2) return lines;
  const left = `     ... ${between} steps of xen#2: boot and passes`;
  return [...lines.slice(0, jump + 1), left, ...lines.slice(-1)];
};

const breaksText = (answer: string, r: SearchResult): string[] => {
  const breaks = r.violates.length > 0 ? `breaks ${r.violates.join(', ')}` : 'breaks nothing';
  const trace = traceLines(r.trace);
  return [
    wrap(`- **${answer}** ${breaks}.`, '  '),
    ...r.refusals.map((reason) => `  ${wrap(`- Refused because: ${reason}`, '    ', 73)}`),
    ...r.offenders.slice(0, 3).map((o) => `  ${wrap(`- ${o}`, '    ', 73)}`),
    ...(trace.length === 0 ? [] : ['', '  ```text', ...trace.map((t) => `  ${t}`), '  ```', '']),
  ];
};

const scopeText = (q: PolicyId, scope: Scope): string => {
  const results = Object.keys(POLICIES[q].answers).map(
    (answer) => [answer, searched(q, answer, scope)] as const,
  );
  return [
    `## ${scope.what.charAt(0).toUpperCase()}${scope.what.slice(1)}`,
    ['```text', HEAD, ...results.map(([answer, r]) => costText(answer, r)), '```'].join('\n'),
    results.flatMap(([answer, r]) => breaksText(answer, r)).join('\n'),
  ].join('\n\n');
};

const pageOf = (q: PolicyId): string => {
  const { question, answers, sources }: Policy = POLICIES[q];
  const byDefault = defaultDesign.policies[q];
  const list = Object.entries(answers).map(([answer, says]) =>
    wrap(`- **${answer}**${answer === byDefault ? ' (default)' : ''}: ${sentence(says)}`, '  '),
  );
  return [
    `# ${q}: ${question}`,
    wrap(`Sources: ${sources.join(', ')}.`),
    list.join('\n'),
    PROSE[q],
    ...scopesOf(q).map((scope) => scopeText(q, scope)),
    '',
  ]
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n+$/, '\n');
};

describe('docs/questions', () => {
  test.each(questions)('%s is what the search finds today', async (q) => {
    await expect(pageOf(q)).toMatchFileSnapshot(`../../docs/questions/${q}.md`);
  });

  test('the list of pages', async () => {
    const list = [...questions]
      .sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
      .map((q) => wrap(`- [${q}](${q}.md): ${POLICIES[q].question}`, '  '));
    const text = `# The open questions\n\n${wrap(
      'Each page has the question, the answers that were given or implied, and what the ' +
        'search finds for each in scopes that tell them apart. Every scope is visited whole: ' +
        'updates done, refused and crashed, domains lost in crashes, states that wait for ' +
        'ever, steps of xen#1 between request and save (fewest to most), states. The trace is ' +
        'the shortest to the first violation. The pages are made by ' +
        'test/search/questions.test.ts, which fails when they are not current.',
    )}\n\n${list.join('\n')}\n`;
    await expect(text).toMatchFileSnapshot('../../docs/questions/README.md');
  });
});

test.each(questions)('the default answer to %s breaks nothing in its scope', (q) => {
  const broken = scopesOf(q).map((s) => searched(q, defaultDesign.policies[q], s).violates);
  expect(broken.flat()).toEqual([]);
});

test.each(['defer', 'order', 'drop'])('Q14 = %s, and a pair that is wrong already', (answer) => {
  const j = updateAndJudge({
    ...{ host: oneSided(), from: version('4.17'), to: version('4.17'), invariants },
    design: answering({ Q14: answer, Q8: 'crash' }),
  });
  expect(j.outcome.kind).toBe(answer === 'drop' ? 'resumed' : 'crashed');
  expect(j.invariants.find((i) => i.id === 'I6.1')?.holds).toBe(false);
});

test('Q8 = tolerate: the guest that closes the port afterwards stops the machine', () => {
  const from = version('4.17');
  const { outcome } = updateAndJudge({
    ...{ host: oneSided(), from, to: from, invariants },
    design: answering({ Q8: 'tolerate' }),
  });
  expect(outcome.kind).toBe('resumed');
  const close = { type: 'evtchn.close', domid: 1, vcpu: 0, port: 1 } as const;
  const closed = apply(hostAt(outcome.update), close, { version: from, design: defaultDesign });
  expect(closed).toMatchObject({ _tag: 'Left', left: { errno: 'BUG' } });
});

test.each([
  ['separate', true],
  ['shared', false],
] as const)('Q15 = %s: the crash kernel is there after the update: %s', (answer, there) => {
  const { outcome } = updateAndJudge({
    ...{ host: withCrashKernel(), from: version('4.17'), to: version('4.17'), invariants },
    design: answering({ Q15: answer }),
  });
  expect(outcome.kind).toBe('resumed');
  const kexec = outcome.update.restoring?.xen.system.kexec ?? outcome.update.host?.xen.system.kexec;
  expect(kexec?.crash !== null).toBe(there);
});

test('Q10 = anywhere: with room for it xen#2 goes there, and boots in memory that was not bootmem', () => {
  const host = hostOf(['pv'], () => undefined, { ramFrames: 4096 });
  const j = updateAndJudge({
    ...{ host, from: version('4.17'), to: version('4.17'), invariants },
    design: answering({ Q10: 'anywhere' }),
  });
  expect(j.outcome.kind).toBe('resumed');
  expect(j.invariants.filter((i) => !i.holds).map((i) => i.id)).toEqual(['MEM-1']);
  const { image } = j.outcome.update.restoring?.xen ?? host.xen;
  expect(image.start).toBeGreaterThan(host.xen.image.start);
});
