/** Any host, any two versions: carried with all invariants kept, or refused with nothing changed. */
import fc from 'fast-check';
import { either } from 'fp-ts/lib/Either.js';
import { hostArbitrary, type RandomHost } from '../arbitraries/index.ts';
import { answering, answersArbitrary, answersMet, describeAnswers } from './answers.ts';
import { describeImage, imageArbitrary, staying, staysArbitrary } from './image.ts';
import { run, verdictOf } from './judged.ts';
import { addEvidence, type Evidence, property } from './property.ts';

/** The kinds of parts that the host was built of. */
const partsOf = ({ plan }: RandomHost): Evidence => {
  const met: Record<string, number> = {};
  for (const { kind } of plan.parts) met[`part ${kind}`] = (met[`part ${kind}`] ?? 0) + 1;
  return { checked: {}, met };
};

export const roundTrip = property({
  id: 'round-trip',
  title: 'A host comes out of an update as it went in, or stays',
  says:
    'Every invariant holds before, during and after the update of any host from any version to ' +
    'any other, under each answer to the open questions that holds; where it is refused, that is ' +
    'before the point of no return.',
  sources: ['VER-1', 'PNR-2', 'R9', 'R19', 'Q3', 'Q4', 'Q5', 'Q6'],
  runs: 300,
  arbitrary: fc
    .record({
      random: hostArbitrary(),
      image: imageArbitrary,
      stays: staysArbitrary,
      answers: answersArbitrary,
    })
    .map(({ random, image, stays, answers }) => ({
      random,
      image: staying(image, random.plan.version, stays, answers.Q3),
      answers,
    })),
  describe: ({ random, image, answers }) => [
    ...random.describe(),
    `updated to ${describeImage(image)}`,
    ...describeAnswers(answers),
  ],
  check: ({ random, image, answers }, given, machine) => {
    const design = answering(given, answers);
    const update = { host: random.host, from: random.plan.version, image, design, machine };
    const verdict = verdictOf(update, run(update));
    const met = { checked: {}, met: answersMet(answers) };
    return either.map(verdict, (evidence) =>
      addEvidence(addEvidence(evidence, met), partsOf(random)),
    );
  },
});
