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
import { POLICIES, type Policy, type PolicyId } from '../../src/design/policies.ts';
import type { SearchResult } from '../../src/search/request.ts';
import { requestOf } from '../../src/search/scenario-search.ts';
import { search } from '../../src/search/search.ts';
import { version } from '../support/updates.ts';
import { PROSE } from './question-prose.ts';

const invariants = await loadInvariants();
const scenarios = await loadScenarios();
const questions = Object.keys(POLICIES) as PolicyId[];

const answering = (q: PolicyId, answer: string): Design => ({
  ...defaultDesign,
  policies: { ...defaultDesign.policies, [q]: answer },
});

const scopeOf = (q: PolicyId): Scope => {
  const scope = SCOPES[q];
  if (!('scenario' in scope)) return scope;
  const s = scenarios.find(({ id }) => id === scope.scenario);
  if (s === undefined) throw new Error(`no scenario ${scope.scenario}`);
  return { what: `the scope of ${s.id}: ${s.title.toLowerCase()}`, ...s };
};

const searched = (q: PolicyId, answer: string): SearchResult => {
  const scope = scopeOf(q);
  const { start, events = [], order = 'fair', judgedBy } = scope;
  const s: Scenario = {
    ...{ id: q, title: q, says: q, sources: [q], violates: null },
    ...{ start, events, order, ...(judgedBy === undefined ? {} : { judgedBy }) },
  };
  return search(requestOf(s, answering(q, answer), invariants));
};

/** A paragraph of at most 75 columns. */
const wrap = (text: string, indent = ''): string => {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 75) lines[lines.length - 1] += ` ${word}`;
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

const foundText = (r: SearchResult): string => {
  const ends = Object.entries(r.ends).filter(([, n]) => n > 0);
  const lines = [
    `- Verdict: ${r.verdict}${r.violates.length > 0 ? `, breaks ${r.violates.join(', ')}` : ''}`,
    `- Searched: ${r.states} states, ${r.transitions} transitions`,
    `- Ends reached: ${ends.map(([what, n]) => `${what} ${n}`).join(', ') || 'none'}`,
    ...r.refusals.map((reason) => wrap(`- Refused because: ${reason}`, '  ')),
    ...r.offenders.slice(0, 3).map((o) => wrap(`- ${o}`, '  ')),
  ];
  const trace = r.trace.map((e, i) => `${String(i + 1).padStart(3)}  ${eventText(e).slice(0, 70)}`);
  return [...lines, ...(trace.length === 0 ? [] : ['', '```text', ...trace, '```'])].join('\n');
};

const pageOf = (q: PolicyId): string => {
  const { question, answers, sources }: Policy = POLICIES[q];
  const byDefault = defaultDesign.policies[q];
  const parts = Object.entries(answers).map(
    ([answer, says]) =>
      `## ${answer}${answer === byDefault ? ' (default)' : ''}\n\n` +
      `${wrap(sentence(says))}\n\n${foundText(searched(q, answer))}`,
  );
  return [
    `# ${q}: ${question}`,
    wrap(`Sources: ${sources.join(', ')}.`),
    PROSE[q],
    wrap(`Scope of the search: ${scopeOf(q).what}.`),
    ...parts,
    '',
  ]
    .join('\n\n')
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
        'search finds for each in a scope that tells them apart. The pages are made by ' +
        'test/search/questions.test.ts, which fails when they are not current.',
    )}\n\n${list.join('\n')}\n`;
    await expect(text).toMatchFileSnapshot('../../docs/questions/README.md');
  });
});

test.each(questions)('the default answer to %s breaks nothing in its scope', (q) => {
  const r = searched(q, defaultDesign.policies[q]);
  // xen#1 is wrong already where Q8 is asked: the default is to stop there.
  expect(r.violates).toEqual(q === 'Q8' ? ['PNR-2'] : []);
});

test.each(['defer', 'order', 'drop'])('Q14 = %s, and a pair that is wrong already', (answer) => {
  const j = updateAndJudge({
    ...{ host: oneSided(), from: version('4.17'), to: version('4.17'), invariants },
    design: answering('Q14', answer),
  });
  expect(j.outcome.kind).toBe(answer === 'drop' ? 'resumed' : 'crashed');
  expect(j.invariants.find((i) => i.id === 'I6.1')?.holds).toBe(false);
});

test.each([
  ['separate', true],
  ['shared', false],
] as const)('Q15 = %s: the crash kernel is there after the update: %s', (answer, there) => {
  const { outcome } = updateAndJudge({
    ...{ host: withCrashKernel(), from: version('4.17'), to: version('4.17'), invariants },
    design: answering('Q15', answer),
  });
  expect(outcome.kind).toBe('resumed');
  const kexec = outcome.update.restoring?.xen.system.kexec ?? outcome.update.host?.xen.system.kexec;
  expect(kexec?.crash !== null).toBe(there);
});

test('Q10 = anywhere: with room for it xen#2 goes there, and boots in memory that was not bootmem', () => {
  const host = hostOf(['pv'], () => undefined, { ramFrames: 4096 });
  const j = updateAndJudge({
    ...{ host, from: version('4.17'), to: version('4.17'), invariants },
    design: answering('Q10', 'anywhere'),
  });
  expect(j.outcome.kind).toBe('resumed');
  expect(j.invariants.filter((i) => !i.holds).map((i) => i.id)).toEqual(['MEM-1']);
  const { image } = j.outcome.update.restoring?.xen ?? host.xen;
  expect(image.start).toBeGreaterThan(host.xen.image.start);
});
