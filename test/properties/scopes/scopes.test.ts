import { describe, expect, test } from 'vitest';
import { loadInvariants } from '../../../properties/registry.ts';
import { exploring, loadScopes } from '../../../properties/scope.ts';
import { Answers, OTHER_ANSWERS } from '../../../properties/scope-answers.ts';
import { POLICIES } from '../../../src/design/policies.ts';
import { exploreSync } from '../../../src/explore/index.ts';
import { rowOf, writtenSection } from './answers-page.ts';
import { COUNTS } from './counts.ts';
import { exhausted, scopeOf } from './exhaust.ts';

describe('a scope', () => {
  test('has its counts written down', async () => {
    expect((await loadScopes()).map((s) => s.id).sort()).toEqual(Object.keys(COUNTS).sort());
  });

  test('is exhausted, holds, and has so many states; what nobody asks is not searched', async () => {
    const answers = new Answers(await scopeOf('channel'), await loadInvariants());
    expect(answers.byDefault).toEqual(COUNTS['channel']);
    expect(answers.asked.some(({ question }) => question === 'Q2')).toBe(false);
    expect(answers.asked.some(({ question }) => question === 'Q1')).toBe(true);
    expect(writtenSection('channel')).toContain('Nobody asks: Q2=refuse, Q2=abandon.');
  });

  test('comes to the same without all orders of events', async () => {
    // Promises are about runs, of which a reduction leaves some out.
    const bare = { leadsTo: {}, fairness: {}, reductions: ['por'] } as const;
    const reduced = await exhausted(await scopeOf('channel'), bare);
    expect(reduced.verdict).toBe('holds');
    expect(reduced.states).toBeLessThanOrEqual(COUNTS['channel']?.states ?? 0);
  });

  test('goes on from a checkpoint, in another process, as if it had not ended', async () => {
    const first = await exhausted(await scopeOf('channel'), { maxStates: 150 });
    if (first.verdict !== 'incomplete') throw new Error(first.verdict);
    const resume = first.checkpoint;
    const result = await exhausted(await scopeOf('channel'), { resume });
    expect(result.verdict).toBe('holds');
    expect(result).toMatchObject(COUNTS['channel'] ?? {});
    const other = await exhausted(await scopeOf('grant'), { resume });
    expect(other).toMatchObject({ verdict: 'refused' });
  });

  test('whose checkpoint has other parts is refused', async () => {
    const { machine, options } = exploring(await scopeOf('channel'), await loadInvariants());
    const { beside, ...bare } = options;
    const cut = exploreSync(machine, { ...bare, maxStates: 1 });
    if (cut.verdict !== 'incomplete' || beside === undefined) throw new Error(cut.verdict);
    expect(exploreSync(machine, { ...bare, beside, resume: cut.checkpoint })).toMatchObject({
      verdict: 'refused',
      refusals: [{ place: 'options.resume' }],
    });
  });
});

describe('the answers to the open questions', () => {
  test('are all there, one by one', () => {
    const answers = Object.values(POLICIES).reduce((n, p) => n + Object.keys(p.answers).length, 0);
    expect(OTHER_ANSWERS).toHaveLength(answers - Object.keys(POLICIES).length);
  });

  test('to Q2 tell themselves apart in a scope with a tasklet, as its page says', async () => {
    const answers = new Answers(await scopeOf('tasklet'), await loadInvariants());
    const page = writtenSection('tasklet').split('\n');
    expect(page).toContain(rowOf('default', answers.byDefault));
    const asked = answers.asked.filter(({ question }) => question === 'Q2');
    expect(asked.map(({ name }) => name)).toEqual(['Q2=refuse', 'Q2=abandon']);
    for (const chosen of asked) expect(page).toContain(rowOf(chosen.name, answers.under(chosen)));
    expect(page.join('\n')).toContain('| Q2=abandon | 405 | 587 | 36 | breaks I2.1 in 35 steps |');
  });
});
