/** Any host after any history: what guests and dom0 leave behind is carried as well. */
import fc from 'fast-check';
import { either } from 'fp-ts/lib/Either.js';
import { historyArbitrary } from '../arbitraries/index.ts';
import { answering, answersArbitrary, answersMet, describeAnswers } from './answers.ts';
import { describeImage, imageArbitrary, staying, staysArbitrary } from './image.ts';
import { run, verdictOf } from './judged.ts';
import { addEvidence, property } from './property.ts';

export const afterHistory = property({
  id: 'after-history',
  title: 'The same of a host that guests have used for a while',
  says:
    'As round-trip, of hosts that reached their state by hypercalls, dom0 operations and deferred ' +
    'work, one step at a time.',
  sources: ['VER-1', 'PNR-2', 'R9', 'R19'],
  runs: 150,
  arbitrary: fc
    .record({
      history: historyArbitrary(),
      image: imageArbitrary,
      stays: staysArbitrary,
      answers: answersArbitrary,
    })
    .map(({ history, image, stays, answers }) => ({
      history,
      image: staying(image, history.start.plan.version, stays, answers.Q3),
      answers,
    })),
  describe: ({ history, image, answers }) => [
    ...history.describe(),
    `updated to ${describeImage(image)}`,
    ...describeAnswers(answers),
  ],
  check: ({ history, image, answers }, given, machine) => {
    const design = answering(given, answers);
    const { host } = history.play();
    const update = { host, from: history.start.plan.version, image, design, machine };
    const met = { checked: {}, met: answersMet(answers) };
    return either.map(verdictOf(update, run(update)), (e) => addEvidence(e, met));
  },
});
