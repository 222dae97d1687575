/** `xen-lu compare`: the answers to an open question side by side. */
import { loadInvariants } from '../../../properties/registry.ts';
import { loadScenarios } from '../../../properties/scenario.ts';
import { POLICIES } from '../../design/policies.ts';
import { type Ablation, compareAnswer } from '../../search/ablate.ts';
import { type Command, EXIT, flag, json, usageError } from '../command.ts';
import { answersOf, isQuestion, lines, policyOf, traceText } from '../design-arguments.ts';
import { progressOn } from '../progress.ts';

interface Result extends Ablation {
  readonly answer: string;
  readonly says: string;
  readonly isDefault: boolean;
}

const stepsText = ({ searched: { quiesce: q } }: Result): string =>
  q === null ? 'no save' : `${q.min} to ${q.max}`;

const resultText = (r: Result): string[] => [
  ...lines([`${r.answer}${r.isDefault ? ' (default)' : ''}: ${r.says}`]),
  ...lines([
    `    updates done ${r.searched.done}, refused ${r.searched.refused}, ` +
      `crashed ${r.searched.crashed} (domains lost: ${r.searched.lost}); ` +
      `states that wait for ever ${r.searched.waiting}`,
    `    steps of xen#1 from request to save: ${stepsText(r)}; ` +
      `${r.searched.scopes} scopes, ${r.searched.states} states`,
  ]),
  ...lines([`    breaks ${r.violates.length === 0 ? 'nothing' : r.violates.join(', ')}`]),
  ...lines(
    r.offenders.slice(0, 3).map((o) => `    ${o}`),
    6,
  ),
  ...traceText(r.trace),
];

export const compare: Command = {
  details: [
    'Visits the whole of the same scopes under each answer: how updates end,',
    'how long xen#1 takes to come to the save, which domains are lost, which',
    'invariants break, and the shortest trace to the first violation.',
  ],
  optionHelp: [['--json', 'the results as JSON']],
  options: { json: { type: 'boolean' } },
  run: async (values, [question, ...more], io) => {
    if (question === undefined || more.length > 0 || !isQuestion(question))
      return usageError(`compare wants one question of ${Object.keys(POLICIES).join(', ')}`);
    const progress = progressOn(io.terminal, io.clock);
    const [scenarios, invariants] = [await loadScenarios(), await loadInvariants()];
    const answers: Readonly<Record<string, string>> = POLICIES[question].answers;
    const results = answersOf(question).flatMap((answer, i): Result[] => {
      const policy = policyOf(`${question}=${answer}`);
      if (typeof policy === 'string') return [];
      const onProgress = (scope: string) => progress.tell(`${answer}: ${scope}`);
      const found = compareAnswer(policy, { scenarios, invariants, onProgress });
      return [{ answer, says: answers[answer] ?? '', isDefault: i === 0, ...found }];
    });
    progress.done();
    const head = lines([`${question}: ${POLICIES[question].question}`]);
    io.out(
      flag(values, 'json')
        ? json(results)
        : [...head, ...results.flatMap((r) => ['', ...resultText(r)])].join('\n'),
    );
    return results.some((r) => r.isDefault && r.verdict === 'violated')
      ? EXIT.violated
      : EXIT.holds;
  },
};
