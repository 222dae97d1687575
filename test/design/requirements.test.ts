/**
 * docs/design.md: where each requirement is, and what the loss of each rule
 * breaks. Refresh it with `npx vitest run test/design -u`.
 */
import { expect, test } from 'vitest';
import { loadScenarios } from '../../properties/scenario.ts';
import { POLICIES } from '../../src/design/policies.ts';
import { REQUIREMENTS } from '../../src/design/requirements.ts';
import { RULES } from '../../src/design/rules.ts';

const scenarios = await loadScenarios();
const MAX_COLUMN = 75;

/** Numbers that the facts give to requirements; R46, R48 and R49 do not exist. */
const NUMBERS = Array.from({ length: 55 }, (_, i) => i + 1).filter(
  (n) => ![46, 48, 49].includes(n),
);

test('every requirement and every rule of section 11 has its place', () => {
  const ids = REQUIREMENTS.map((r) => r.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(NUMBERS.map((n) => `R${n}`).filter((id) => !ids.includes(id))).toEqual([]);
  const orders = Array.from({ length: 21 }, (_, i) => `order ${i + 1}`);
  expect(orders.filter((id) => !ids.includes(id))).toEqual([]);
  for (const r of REQUIREMENTS) {
    const covered = (r.rules?.length ?? 0) + (r.questions?.length ?? 0);
    expect([r.id, covered > 0 || r.because !== undefined]).toEqual([r.id, true]);
  }
});

test('requirements name rules that there are', () => {
  const unknown = REQUIREMENTS.flatMap((r) => r.rules ?? []).filter(
    (id) => !RULES.some((rule) => rule.id === id),
  );
  expect(unknown).toEqual([]);
});

/** Lines of at most 75 columns, the rest indented. */
const wrap = (text: string, indent: string): string => {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    const next = last === '' ? word : `${last} ${word}`;
    if (next.length <= MAX_COLUMN) lines[lines.length - 1] = next;
    else lines.push(indent + word);
  }
  return lines.join('\n');
};

const placeOf = (r: (typeof REQUIREMENTS)[number]): string =>
  [
    ...((r.rules?.length ?? 0) > 0
      ? [`rule${r.rules?.length === 1 ? '' : 's'} ${r.rules?.join(', ')}`]
      : []),
    ...((r.questions?.length ?? 0) > 0
      ? [`question${r.questions?.length === 1 ? '' : 's'} ${r.questions?.join(', ')}`]
      : []),
    ...(r.because === undefined ? [] : [r.because]),
  ].join('; ');

const ruleLine = (rule: (typeof RULES)[number]): string => {
  const by = scenarios.filter((s) => s.drop?.includes(rule.id as never) === true).map((s) => s.id);
  const shown = by.length === 0 ? 'the general hosts' : by.join(', ');
  return wrap(
    `- **${rule.id}** ${rule.text} (${rule.sources.join(', ')}) Shown by ${shown}.`,
    '  ',
  );
};

test('docs/design.md is current', async () => {
  const text = [
    '# The design as data',
    wrap(
      'What can be dropped, and what can be answered otherwise. `xen-lu ablate` drops every rule ' +
        'in turn and prints what breaks first; `xen-lu compare Q3` sets the answers to a question ' +
        'side by side; `xen-lu scenarios` shows the interactions, S those of the facts, X those ' +
        'derived from them. This page is made by test/design/requirements.test.ts, which fails ' +
        'when it is not current.',
      '',
    ),
    '## Where each requirement is',
    wrap(
      'R are requirements of the design document and its discussion, "order" the rules of ' +
        'section 11 of the facts. Where no rule or question stands, there is nothing that could ' +
        'be dropped, and the reason is given.',
      '',
    ),
    REQUIREMENTS.map((r) => wrap(`- **${r.id}** ${r.text}: ${placeOf(r)}.`, '  ')).join('\n'),
    '## Rules',
    RULES.map(ruleLine).join('\n'),
    '## Questions',
    Object.values(POLICIES)
      .map((q) => {
        const answers = Object.keys(q.answers).join(', ');
        return wrap(`- [${q.id}](questions/${q.id}.md) ${q.question} ${answers}.`, '  ');
      })
      .join('\n'),
    '',
  ].join('\n\n');
  await expect(text.replace(/\n+$/, '\n')).toMatchFileSnapshot('../../docs/design.md');
});
